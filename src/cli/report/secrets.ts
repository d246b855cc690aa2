import type { Row } from "../expiry/report";
import { isOurSecret } from "../review/kubernetes";
import type { StackResource } from "../stack-resources";
import { nameIn, typeIn } from "../stack-resources";

/** A Kubernetes Secret of an `EtcdSecrets`. */
export interface SecretHeld {
  /** Namespace and name. */
  secret: string;
  /** The common name in its certificate; empty if it has none. */
  identity: string;
  /** When its certificate ends, RFC 3339; empty if the Secret has none. */
  notAfter: string;
  /** Whether another certificate of that name is in the stack, which ends later. */
  isOld: boolean;
}

/** The Secrets that a stack publishes, by namespace and name. */
export const secretsIn = (resources: StackResource[], rows: Row[]): SecretHeld[] =>
  resources
    .filter(({ type, parent = "" }) => isOurSecret({ type, parent: { type: typeIn(parent) } }))
    .map((resource) => secretOf(resource, rows))
    .sort((a, b) => (a.secret < b.secret ? -1 : 1));

interface Metadata {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
}

function secretOf({ urn, inputs }: StackResource, rows: Row[]): SecretHeld {
  const { name = nameIn(urn), namespace = "default", annotations = {} } = (inputs?.["metadata"] ?? {}) as Metadata;
  const { "etcd-pki/common-name": identity = "", "etcd-pki/not-after": notAfter = "" } = annotations;
  const issued = rows.filter(({ commonName, kind }) => commonName === identity && kind !== "authority");
  const isKnown = identity === "" || issued.length === 0 || issued.some((row) => row.notAfter === notAfter);
  const isOld = !isKnown && issued.every((row) => Date.parse(row.notAfter) > Date.parse(notAfter));
  return { secret: `${namespace}/${name}`, identity, notAfter, isOld };
}
