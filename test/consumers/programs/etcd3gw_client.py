"""OpenStack's etcd3gw through etcd's HTTP gateway: works below a prefix, then reads a key outside it."""
import sys

import requests
from etcd3gw import Etcd3Client
from etcd3gw.exceptions import Etcd3Exception

port, ca, cert, key, user, password, prefix, outside = sys.argv[1:]

# etcd3gw has no login of its own, but takes a session, whose headers it sends.
session = requests.Session()
session.verify, session.cert = ca, (cert, key)
session.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify.
answer = session.post(f"https://127.0.0.1:{port}/v3/auth/authenticate", json={"name": user, "password": password})
if not answer.ok:
    sys.exit(answer.text)
session.headers["Authorization"] = answer.json()["token"]
client = Etcd3Client(host="127.0.0.1", port=port, protocol="https", session=session)

assert client.put(prefix + "a", "1")
print("got", client.get(prefix + "a"))
assert client.create(prefix + "b", "1")
assert client.replace(prefix + "b", "1", "2")
print("listed", len(client.get_prefix(prefix)))

events, cancel = client.watch(prefix + "a")
lease = client.lease(ttl=60)
client.put(prefix + "a", "2", lease=lease)
print("watched", next(events)["kv"]["value"])
cancel()
print("a lease has", len(lease.keys()), "key")
assert lease.refresh() > 0 and lease.revoke()
assert client.delete_prefix(prefix)

try:
    client.get(outside)
except Etcd3Exception as error:
    print("refused", error.detail_text)
