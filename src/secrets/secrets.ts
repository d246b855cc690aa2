import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../pki/args";
import type { CertificateKind } from "../naming";
import { pkiSubject, refuse, refuseLater, warn } from "../refuse";
import { dataProblems, namespaceProblems } from "./checks";
import { configFor } from "./config";
import type { Described } from "./labels";
import { annotationsOf, labelsOf } from "./labels";
import type { FileNames } from "./layouts";
import type { SecretPlan } from "./plan";
import { mountedFiles, planSecrets } from "./plan";
import { loadSecret, warnOfReplacement } from "./provider";

/** The paths of the files once a Secret is mounted. */
export interface MountedFiles extends FileNames {
  /** The CA bundle. */
  caBundle: string;
  /** The certificate. */
  cert: string;
  /** The private key. */
  privateKey: string;
}

/** A Secret that was made, and what its consumer needs to be told. */
export interface PublishedSecret {
  /** Its name, known once it exists: what a volume names. */
  name: pulumi.Output<string>;
  /** Its namespace. */
  namespace: pulumi.Output<string>;
  /** Where to mount it. */
  mountPath: string;
  /** The volume's `defaultMode`: 256 is 0400; 288, 0440, is for a process in the pod's `fsGroup`. */
  defaultMode: number;
  /** The files after that. */
  files: MountedFiles;
  /**
   * Environment, flags or ConfigMap entries that point a program at the files, by program: `calico`, `calico-config` (the
   * ConfigMap), `felix`, `typha`, `kube-apiserver`, `etcdctl`; for a member also `etcd` and `etcd-peer`; for a proxy
   * `grpc-proxy-listen` or `grpc-proxy-upstream`. Endpoints are not among them.
   */
  config: Record<string, Record<string, string>>;
}

interface KeyPair extends Described {
  privateKeyPem: pulumi.Output<string>;
}

/** The certificates to choose from: what `EtcdPki` has as outputs. */
export interface Certificates extends pulumi.Resource {
  caBundlePem: pulumi.Output<string>;
  members: Record<string, KeyPair>;
  proxies: Record<string, KeyPair & { upstream: KeyPair }>;
  components: Record<string, KeyPair>;
}

/** Makes every Secret, as a child of the certificates' owner and so with its provider. */
export function publishSecrets(
  cluster: string,
  args: EtcdPkiArgs,
  owner: Certificates,
): Record<string, PublishedSecret> {
  if (args.kubernetes === undefined) return {};
  warnOfReplacement(owner, (warnings) => warn(pkiSubject(cluster), warnings, owner));
  return Object.fromEntries(
    planSecrets(cluster, args).map((plan) => [plan.key, published(plan, makeSecret(cluster, plan, owner))]),
  );
}

const keyPairOf: Record<CertificateKind, (owner: Certificates, identity: string) => KeyPair | undefined> = {
  member: ({ members }, identity) => members[identity],
  proxy: ({ proxies }, identity) => proxies[identity],
  upstream: ({ proxies }, identity) => proxies[identity]?.upstream,
  component: ({ components }, identity) => components[identity],
};

function makeSecret(cluster: string, plan: SecretPlan, owner: Certificates) {
  const pair = keyPairOf[plan.kind](owner, plan.identity) as KeyPair;
  const { caBundle, cert, privateKey } = plan.fileNames;
  const contents = pulumi.all([owner.caBundlePem, pair.certPem, pair.privateKeyPem]);
  const stringData = contents.apply(([caBundlePem, certPem, privateKeyPem]) => {
    const data = { [caBundle]: caBundlePem, [cert]: certPem, [privateKey]: privateKeyPem };
    refuse(pkiSubject(cluster), dataProblems(plan.path, data));
    return data;
  });
  const labels = { ...plan.labels, ...labelsOf(cluster, plan, pair) };
  const annotations = { ...deleteAtOnce, ...plan.annotations, ...annotationsOf(pair) };
  const metadata = { name: plan.name, namespace: checkedNamespace(cluster, plan), labels, annotations };
  const Secret = loadSecret();
  return new Secret(plan.logicalName, { metadata, type: plan.type, stringData }, { parent: owner });
}

// The provider's own choice, foreground, waits for a garbage collector, for ten minutes where there is none; nothing
// depends on a Secret by ownership, so there is nothing to collect.
const deleteAtOnce = { "pulumi.com/deletionPropagationPolicy": "background" };

const checkedNamespace = (cluster: string, plan: SecretPlan) =>
  refuseLater(pkiSubject(cluster), pulumi.output(plan.namespace as pulumi.Input<string>), (namespace, show) =>
    namespaceProblems(plan.path, namespace, show),
  );

const published = (plan: SecretPlan, secret: InstanceType<ReturnType<typeof loadSecret>>): PublishedSecret => ({
  name: secret.metadata.name,
  namespace: secret.metadata.namespace,
  mountPath: plan.mountPath,
  defaultMode: plan.mode,
  files: mountedFiles(plan),
  config: configFor(plan.kind, mountedFiles(plan)),
});
