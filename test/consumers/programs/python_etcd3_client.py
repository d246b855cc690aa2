"""python-etcd3: works below a prefix, then reads a key outside it."""
import sys

import etcd3

port, ca, cert, key, prefix, outside = sys.argv[1:]
client = etcd3.client(host="127.0.0.1", port=int(port), ca_cert=ca, cert_cert=cert, cert_key=key)

events, cancel = client.watch_prefix(prefix)
client.put(prefix + "a", "1")
print("watched", next(events).value.decode())
cancel()
assert client.put_if_not_exists(prefix + "b", "1")
assert client.replace(prefix + "b", "1", "2")
print("listed", len(list(client.get_prefix(prefix))))
lease = client.lease(60)
client.put(prefix + "leased", "1", lease=lease)
lease.refresh()
lease.revoke()
print("after the lease", client.get(prefix + "leased")[0])
client.delete_prefix(prefix)

try:
    client.get(outside)
except Exception as error:  # It passes on what gRPC raises.
    print("refused", error.details())
