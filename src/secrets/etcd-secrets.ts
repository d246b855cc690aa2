import * as pulumi from "@pulumi/pulumi";
import type { EtcdSecretsArgs } from "./args";
import { problemsIn } from "./checks";
import { configFor } from "./config";
import type { FileNames } from "./layouts";
import { layouts } from "./layouts";
import type { Made } from "./make";
import { makeSecret } from "./make";
import { mountedFiles, planSecrets } from "./plan";
import { surroundingsProblems, warnOfReplacement } from "./provider";
import { recordPublished } from "./record";
import { logicalName } from "../naming";
import { refuse, warn } from "../refuse";

/** The paths of the files once a Secret is mounted. */
export interface MountedFiles extends FileNames {
  /** The CA bundle. */
  caBundle: string;
  /** The certificate. */
  cert: string;
  /** The private key. */
  privateKey: string;
  /** Certificate and private key in one, if `fileNames.combined` asks for it. */
  combined?: string;
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
   * Environment, flags or ConfigMap entries that point a program at the files, by program, for the programs that the layout
   * is for. Clients: `calico`, `calico-config` (the ConfigMap), `felix`, `typha`, `kube-apiserver`, `etcdctl`,
   * `grpc-proxy-upstream`. Servers: `etcd` (towards its clients), `grpc-proxy-listen`. Endpoints are not among them.
   */
  config: Record<string, Record<string, string>>;
}

/**
 * Certificates as Secrets of one Kubernetes cluster, so that they can be mounted. The cluster is that of the provider in the
 * resource's options; set `enableSecretMutable` on it, or a renewed certificate makes the engine delete the Secret and create
 * it again. Needs the package `@pulumi/kubernetes`.
 *
 * Refuses bad arguments, all at once and in words, before any resource exists; what is known only later, as soon as it is.
 * Refuses a step of a rotation for which an update left a Secret out.
 */
export class EtcdSecrets extends pulumi.ComponentResource {
  /** By their keys in `secrets`. */
  public readonly secrets: Record<string, PublishedSecret>;

  constructor(name: string, args: EtcdSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = `EtcdSecrets ${JSON.stringify(name)}`;
    refuse(subject, [...problemsIn(name, args), ...surroundingsProblems(opts)]);
    // No inputs: the engine would record them, and private keys are among them.
    super("etcd-pki:index:EtcdSecrets", name, {}, opts);
    warnOfReplacement(this, (warnings) => warn(subject, warnings, this));

    const made = planSecrets(name, args).map((plan) => makeSecret(subject, plan, this));
    this.secrets = Object.fromEntries(made.map(published));
    const held = Object.fromEntries(made.map(({ plan, held }) => [plan.logicalName, held]));
    recordPublished(subject, logicalName.published(name), held, this);
    this.registerOutputs({});
  }
}

const published = ({ plan, secret }: Made): [string, PublishedSecret] => [
  plan.key,
  {
    name: secret.metadata.name,
    namespace: secret.metadata.namespace,
    mountPath: plan.mountPath,
    defaultMode: plan.mode,
    files: mountedFiles(plan),
    config: configFor(layouts[plan.layout].uses, mountedFiles(plan)),
  },
];
