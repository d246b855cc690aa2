"""Asks a URL over TLS: url, bundle, certificate file, key file, and whether a part of the chain is enough.

Since Python 3.13 a part is enough by default; before, only who asks for it gets that.
"""

import ssl
import sys
import urllib.request

url, bundle, certificate, key, chain = sys.argv[1:]
context = ssl.create_default_context(cafile=bundle)
partial = ssl.VERIFY_X509_PARTIAL_CHAIN
context.verify_flags = context.verify_flags | partial if chain == "partial" else context.verify_flags & ~partial
context.load_cert_chain(certificate, key)
print(urllib.request.urlopen(url, context=context, timeout=10).status)
