import type { Operation, Preview, State } from "./preview";
import { unknownValue } from "./preview";

/** What happens to one Kubernetes Secret. */
export interface SecretChange {
  /** Namespace and name, such as `kube-system/etcd-certs`. */
  secret: string;
  operation: Operation;
  /** The identity whose certificate it carries; empty if its labels do not say. */
  identity: string;
  /** What is in it that changes: `certificate`, `CA bundle`. */
  contents: string[];
}

const secretType = "kubernetes:core/v1:Secret";
const ownerType = "etcd-pki:index:EtcdSecrets";

interface Metadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Whether a resource is a Secret of ours. */
export const isOurSecret = ({ type, parent }: { type: string; parent: { type: string } }) =>
  type === secretType && parent.type === ownerType;

/** The Secrets that change, by namespace and name. */
export const secretChanges = ({ changes }: Preview): SecretChange[] =>
  changes
    .filter(isOurSecret)
    .map(({ operation, name, old, next }) => {
      const [was, is] = [metadataOf(old), metadataOf(next)];
      const { name: ownName = name, namespace = "default", labels } = next ? is : was;
      return {
        secret: `${namespace}/${ownName}`,
        operation,
        identity: knownText(labels?.["etcd-pki/identity"]) || knownText(was.labels?.["etcd-pki/identity"]),
        contents: old && next ? contents(was, is) : [],
      };
    })
    .sort((a, b) => (a.secret < b.secret ? -1 : 1));

const knownText = (text: string | undefined) => (text === undefined || text === unknownValue ? "" : text);

// A secret as a whole is a text.
function metadataOf(state: State | undefined): Metadata {
  const metadata = state?.inputs?.["metadata"];
  return typeof metadata === "object" && metadata !== null ? metadata : {};
}

const contents = ({ annotations: was }: Metadata, { annotations: is }: Metadata) =>
  [
    ["etcd-pki/leaf-checksum", "certificate"],
    ["etcd-pki/bundle-checksum", "CA bundle"],
  ]
    .filter(([annotation = ""]) => was?.[annotation] !== is?.[annotation])
    .map(([, what = ""]) => what);
