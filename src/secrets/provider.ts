import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const secretToken = "kubernetes:core/v1:Secret";

type SecretModule = typeof import("@pulumi/kubernetes/core/v1/secret");

/** Loads the one class that is needed, so that whoever publishes nothing needs no package. */
export const loadSecret = () => (require("@pulumi/kubernetes/core/v1/secret") as SecretModule).Secret;

/** What keeps Secrets from being made, as far as it can be known before the first resource. */
export const surroundingsProblems = (opts?: pulumi.ComponentResourceOptions): string[] => [
  ...packageProblems(),
  ...clusterProblems(opts),
];

/** Says what a renewal does to a Secret where the provider replaces it, as far as that is known. */
export function warnOfReplacement(resource: pulumi.Resource, warn: (warnings: string[]) => void): void {
  void isMutable(resource).apply((mutable) => {
    if (!mutable) warn([replacementWarning]);
  });
}

function packageProblems(): string[] {
  try {
    loadSecret();
    return [];
  } catch (error) {
    if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    return [`Secrets need the package @pulumi/kubernetes, which is not installed; run npm install @pulumi/kubernetes`];
  }
}

function clusterProblems(opts: pulumi.ComponentResourceOptions | undefined): string[] {
  if (explicitProvider(opts) !== undefined || defaultProviderFindsCluster()) return [];
  return [
    `no provider reaches a cluster: no kubeconfig is in KUBECONFIG, ~/.kube/config or the configuration ` +
      `kubernetes:kubeconfig; pass { provider: new k8s.Provider(...) } in the resource's options`,
  ];
}

function explicitProvider(opts: pulumi.ComponentResourceOptions | undefined): pulumi.ProviderResource | undefined {
  const given = [opts?.provider, ...Object.values(opts?.providers ?? {})];
  return given.find(isKubernetes) ?? opts?.parent?.getProvider(secretToken);
}

// Its name is public at run time only.
const isKubernetes = (provider: unknown) =>
  (provider as { getPackage(): string } | undefined)?.getPackage() === "kubernetes";

// Where the kubernetes provider itself looks (pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go).
function defaultProviderFindsCluster(): boolean {
  const config = new pulumi.Config("kubernetes");
  const files = (process.env.KUBECONFIG || join(homedir(), ".kube", "config")).split(delimiter);
  return (
    config.get("kubeconfig") !== undefined ||
    config.get("renderYamlToDirectory") !== undefined ||
    process.env.KUBERNETES_SERVICE_HOST !== undefined ||
    files.some((file) => file !== "" && existsSync(file))
  );
}

const replacementWarning =
  `the provider replaces a Secret whose content changes, so at each renewal it is missing for a moment ` +
  `between its deletion and its creation; set enableSecretMutable: true on the k8s.Provider, or the configuration ` +
  `kubernetes:enableSecretMutable for the default one, and it is updated in place`;

// A k8s.Provider of this program shows its own arguments, the environment's among them, as outputs; one that comes from
// another language shows none.
function isMutable(resource: pulumi.Resource): pulumi.Output<boolean> {
  const provider = resource.getProvider(secretToken);
  if (provider === undefined) return pulumi.output(isDefaultProviderMutable());
  const own = provider as { enableSecretMutable?: pulumi.Output<string> };
  if (!("enableSecretMutable" in own)) return pulumi.output(true);
  const setting: pulumi.Output<string | undefined> = pulumi.output(own.enableSecretMutable);
  return setting.apply((value) => String(value) === "true");
}

const isDefaultProviderMutable = () =>
  new pulumi.Config("kubernetes").getBoolean("enableSecretMutable") ??
  process.env.PULUMI_K8S_ENABLE_SECRET_MUTABLE === "true";
