import {
  EtcdPermissionDeniedError,
  Range,
  type Etcd3,
  type ICompare,
  type IRequestOp,
  type IWatchResponse,
} from "etcd3";

type Request = (client: Etcd3, prefix: string) => Promise<unknown>;

const keyIn = (prefix: string) => Buffer.from(`${prefix}probe`);
const value = Buffer.from("value");
const under = (prefix: string) => ({ key: Buffer.from(prefix), range_end: Range.prefix(prefix).end });

/** What a reader of a prefix sends. */
export const readRequests: Record<string, Request> = {
  get: (client, prefix) => client.kv.range({ key: keyIn(prefix) }),
  list: (client, prefix) => client.kv.range(under(prefix)),
  watch: (client, prefix) => watch(client, prefix),
};

/** What a writer sends. Create, update and delete are Calico's transactions (libcalico-go/lib/backend/etcdv3). */
export const writeRequests: Record<string, Request> = {
  put: (client, prefix) => client.kv.put({ key: keyIn(prefix), value }),
  "put with a lease": async (client, prefix) => {
    const { ID } = await client.leaseClient.leaseGrant({ TTL: 600 });
    return client.kv.put({ key: keyIn(prefix), value, lease: ID });
  },
  create: (client, prefix) => create(client, `${prefix}probe`),
  update: (client, prefix) => {
    const key = keyIn(prefix);
    return orElseGet(client, { target: "Mod", key, mod_revision: 1 }, { request_put: { key, value } });
  },
  delete: (client, prefix) => {
    const key = keyIn(prefix);
    const operation = { request_delete_range: { key, prev_kv: true } };
    return orElseGet(client, { target: "Mod", key, mod_revision: 1 }, operation);
  },
  "delete the prefix": (client, prefix) => client.kv.deleteRange(under(prefix)),
};

/** Calico's create: puts the key, or gets it if it is there. */
export function create(client: Etcd3, name: string) {
  const key = Buffer.from(name);
  return orElseGet(client, { target: "Version", key, version: 0 }, { request_put: { key, value } });
}

function orElseGet(client: Etcd3, compare: ICompare, operation: IRequestOp) {
  return client.kv.txn({
    compare: [{ result: "Equal", ...compare }],
    success: [operation],
    failure: [{ request_range: { key: compare.key } }],
  });
}

// Raw, since etcd answers a watch that it refuses with "created and canceled", not with an error.
async function watch(client: Etcd3, prefix: string): Promise<void> {
  const stream = await client.watchClient.watch();
  const answer = await new Promise<IWatchResponse>((resolve, reject) => {
    stream.on("data", resolve);
    stream.on("error", reject);
    stream.write({ create_request: { ...under(prefix), prev_kv: true } });
  });
  stream.end();
  if (answer.canceled) throw new EtcdPermissionDeniedError();
}

/** Whether etcd let the request through; anything but "permission denied" is a failure of the test. */
export async function isAllowed(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (error instanceof EtcdPermissionDeniedError) return false;
    throw error;
  }
}

/** The names of the requests that etcd lets through. */
export async function allowedOf(requests: Record<string, Request>, client: Etcd3, prefix: string): Promise<string[]> {
  const allowed: string[] = [];
  for (const [name, send] of Object.entries(requests)) if (await isAllowed(send(client, prefix))) allowed.push(name);
  return allowed;
}
