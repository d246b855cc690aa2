import * as pulumi from "@pulumi/pulumi";
import { checksum, serialNumberOf } from "../../x509";
import type { Authorities, Bundle } from "../authority/authority";
import { hoursAfter } from "../lifetime";
import type { Issued } from "./issue";

/** A certificate without its key: what may be shown to everybody. */
export interface PublicCertificate {
  /** The common name in the certificate, and so a component's etcd user name; empty where it has none. */
  commonName: string;
  /** The certificate, PEM, and after it cross certificates or intermediates, if there are any. */
  certPem: pulumi.Output<string>;
  /** What the holder of this certificate is to trust, PEM. */
  caBundlePem: pulumi.Output<string>;
  /** When the certificate ends, RFC 3339. */
  validUntil: pulumi.Output<string>;
  /** When its renewal window opens, RFC 3339: the first `pulumi up` after that issues a new one. */
  renewFrom: pulumi.Output<string>;
  /** The serial number, hexadecimal. */
  serialNumber: pulumi.Output<string>;
  /** The generation of the authority that is declared to sign. */
  generation: string;
  /** SHA-256 of `certPem`, hexadecimal. It changes with the certificate or its key, and no member needs a restart then. */
  leafChecksum: pulumi.Output<string>;
  /** SHA-256 of `caBundlePem`, hexadecimal. Whatever reads the CA bundle must restart when it changes. */
  bundleChecksum: pulumi.Output<string>;
}

/** A certificate and its private key, as an output. */
export interface IssuedCertificate extends PublicCertificate {
  /**
   * The private key, PEM: PKCS#1 (RSA), SEC1 (ECDSA) or PKCS#8 (Ed25519). A secret. Empty for an identity that brought its
   * own request.
   */
  privateKeyPem: pulumi.Output<string>;
  /** The same key in PKCS#8, PEM: the only form that Java reads. A secret. */
  privateKeyPkcs8Pem: pulumi.Output<string>;
}

/** The outputs of one certificate. */
export function certificateOutputs(issued: Issued, authorities: Authorities): IssuedCertificate {
  const { plan, certPem, validUntil, lifetime } = issued;
  const bundle = bundleFor(issued, authorities);
  return {
    commonName: plan.commonName,
    certPem,
    privateKeyPem: issued.privateKeyPem,
    privateKeyPkcs8Pem: issued.privateKeyPkcs8Pem,
    caBundlePem: bundle.pem,
    validUntil,
    renewFrom: pulumi
      .all([validUntil, lifetime])
      .apply(([end, { earlyRenewalHours }]) => hoursAfter(end, -earlyRenewalHours) ?? ""),
    serialNumber: issued.leafPem.apply(serialNumberOf),
    generation: issued.signing.name,
    leafChecksum: certPem.apply(checksum),
    bundleChecksum: bundle.checksum,
  };
}

function bundleFor({ plan }: Issued, { client, peer }: Authorities): Bundle {
  if (plan.kind === "peer") return peer.memberBundle;
  return plan.kind === "member" || plan.kind === "gateway" ? client.memberBundle : client.clientBundle;
}

/** A certificate without its key. */
export function publicPart({ privateKeyPem, privateKeyPkcs8Pem, ...rest }: IssuedCertificate): PublicCertificate {
  void [privateKeyPem, privateKeyPkcs8Pem];
  return rest;
}
