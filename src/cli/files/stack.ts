import type { StackResource } from "../stack-resources";
import { nameIn, pkiType, placeIn, resourcesIn } from "../stack-resources";

/** What the command needs of one `EtcdPki` in a stack, by the names of its resources. */
export interface StackPki {
  /** Its name. */
  cluster: string;
  project: string;
  stack: string;
  /** The values of its Stashes, as the last update gave them. */
  records: Record<string, unknown>;
  /** The values of its Stashes, as they were first given. */
  kept: Record<string, unknown>;
  /** The certificates that its authorities signed, PEM. */
  certificates: Record<string, string>;
  /** Its private keys. */
  keys: Record<string, StackKey>;
}

/** A private key in the forms that the provider makes. */
export interface StackKey {
  privateKeyPem: string;
  privateKeyPkcs8Pem: string;
}

/** Every `EtcdPki` in what `pulumi stack export --show-secrets` prints. */
export function pkisIn(exported: string): StackPki[] {
  const resources = resourcesIn(exported);
  return resources
    .filter(({ type }) => type === pkiType)
    .map(({ urn }) =>
      pkiOf(
        urn,
        resources.filter(({ parent }) => parent === urn),
      ),
    );
}

function pkiOf(urn: string, children: StackResource[]): StackPki {
  const byType = <Value>(type: string, value: (resource: StackResource) => Value) =>
    Object.fromEntries(
      children.filter((child) => child.type === type).map((child) => [nameIn(child.urn), value(child)]),
    );
  return {
    cluster: nameIn(urn),
    ...placeIn(urn),
    records: byType("pulumi:index:Stash", ({ inputs }) => decrypted(inputs?.input)),
    kept: byType("pulumi:index:Stash", ({ outputs }) => decrypted(outputs?.output)),
    certificates: byType("tls:index/locallySignedCert:LocallySignedCert", ({ outputs }) => textIn(outputs?.certPem)),
    keys: byType("tls:index/privateKey:PrivateKey", ({ outputs }) => ({
      privateKeyPem: textIn(outputs?.privateKeyPem),
      privateKeyPkcs8Pem: textIn(outputs?.privateKeyPemPkcs8),
    })),
  };
}

const textIn = (value: unknown) => String(decrypted(value) ?? "");

// Pulumi marks a secret in the state by this key with this value (pulumi/pulumi, sdk/go/common/resource/sig).
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function decrypted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { [signatureKey]: signature, plaintext } = value as Record<string, unknown>;
  if (signature !== secretSignature) return value;
  if (typeof plaintext !== "string")
    throw new Error("the stack's secrets are encrypted; export it with `pulumi stack export --show-secrets`");
  return JSON.parse(plaintext);
}
