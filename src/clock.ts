/**
 * The present. `ETCD_PKI_NOW` (RFC 3339) takes its place in tests; the engine's tls provider keeps its own clock, so that
 * it can move what is announced, never what is issued.
 */
export function now(): Date {
  const injected = process.env["ETCD_PKI_NOW"];
  if (injected === undefined) return new Date();
  const time = new Date(injected);
  if (Number.isNaN(time.getTime()))
    throw new Error(`ETCD_PKI_NOW is ${injected}; give a time such as 2027-01-31T12:00:00Z`);
  return time;
}
