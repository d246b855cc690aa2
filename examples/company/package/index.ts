import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type EtcdPkiArgs } from "etcd-pki";

/** What a team says of its cluster. The rest is the company's. */
export type AcmeEtcdArgs = Pick<EtcdPkiArgs, "members" | "components">;

/** The certificates of an etcd cluster by the company's rules. */
export class AcmeEtcd extends pulumi.ComponentResource {
  readonly pki: EtcdPki;

  constructor(name: string, { members, components }: AcmeEtcdArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acme:etcd:AcmeEtcd", name, {}, opts);
    this.pki = new EtcdPki(
      name,
      {
        members: members ?? {},
        // Whoever is on call gets in everywhere.
        components: { root: {}, "acme-on-call": {}, ...components },
        defaults: { validityPeriodHours: 90 * 24, subject: { organization: "Acme" } },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
