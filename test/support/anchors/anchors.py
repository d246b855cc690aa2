"""Asks a URL over TLS: url, bundle, certificate file, key file."""

import ssl
import sys
import urllib.request

url, bundle, certificate, key = sys.argv[1:]
context = ssl.create_default_context(cafile=bundle)
context.load_cert_chain(certificate, key)
print(urllib.request.urlopen(url, context=context, timeout=10).status)
