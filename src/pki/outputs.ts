import * as pulumi from "@pulumi/pulumi";
import type { Issue } from "./certificate";
import type { CertificatePlan } from "./plan";
import { hoursAfter } from "./renewal";
import { checksum, serialNumberOf } from "../x509";

/** A certificate and its private key, as an output. */
export interface IssuedCertificate {
  /** The common name in the certificate, and so a component's etcd user name; empty for an upstream certificate. */
  commonName: string;
  /** The certificate, PEM. */
  certPem: pulumi.Output<string>;
  /** The private key, PEM: PKCS#1 (RSA), SEC1 (ECDSA) or PKCS#8 (Ed25519). A secret. */
  privateKeyPem: pulumi.Output<string>;
  /** The same key in PKCS#8, PEM, which Java's netty needs. A secret. */
  privateKeyPkcs8Pem: pulumi.Output<string>;
  /** What the holder of this certificate trusts, PEM. */
  caBundlePem: pulumi.Output<string>;
  /** When the certificate ends, RFC 3339. */
  validUntil: pulumi.Output<string>;
  /** When its renewal window opens, RFC 3339: the first `pulumi up` after that issues a new one. */
  renewFrom: pulumi.Output<string>;
  /** The serial number, hexadecimal. */
  serialNumber: pulumi.Output<string>;
  /** The generation of the authority that signs: what is declared, also where --target or --exclude leaves it out. */
  generation: string;
  /** SHA-256 of `certPem`, hexadecimal. It changes with the certificate or its key, and no member needs a restart then. */
  leafChecksum: pulumi.Output<string>;
  /** SHA-256 of `caBundlePem`, hexadecimal. Whatever reads the CA bundle must restart when it changes. */
  bundleChecksum: pulumi.Output<string>;
}

/** The outputs of a certificate that is issued later. What few ask for is worked out when they do. */
export function certificateOutputs(
  { commonName }: CertificatePlan,
  issue: Promise<Issue>,
  generation: string,
  { caBundlePem, bundleChecksum }: { caBundlePem: pulumi.Output<string>; bundleChecksum: pulumi.Output<string> },
): IssuedCertificate {
  return {
    commonName,
    get certPem() {
      return eventually(issue, (made) => made.certPem);
    },
    get privateKeyPem() {
      return eventually(issue, (made) => pulumi.secret(made.privateKeyPem));
    },
    get privateKeyPkcs8Pem() {
      return eventually(issue, (made) => pulumi.secret(made.privateKeyPkcs8Pem));
    },
    caBundlePem,
    get validUntil() {
      return eventually(issue, (made) => made.validUntil);
    },
    get renewFrom() {
      const life = eventually(issue, (made) => pulumi.all([made.validUntil, made.lifetime]));
      return life.apply(([end, { earlyRenewalHours }]) => hoursAfter(end, -earlyRenewalHours) ?? "");
    },
    get serialNumber() {
      return this.certPem.apply(serialNumberOf);
    },
    generation,
    get leafChecksum() {
      return this.certPem.apply(checksum);
    },
    bundleChecksum,
  };
}

/** An output of what is made later. */
export const eventually = <Made, Value>(made: Promise<Made>, pick: (made: Made) => pulumi.Output<Value>) =>
  pulumi.output(made.then(pick)) as pulumi.Output<Value>;
