import * as pulumi from "@pulumi/pulumi";
import { passwordProblems, problemsIn, warningsIn } from "./checks";
import { passwordLogins, withPresets } from "./declared";
import { endpointsProblems } from "./endpoints";
import { declaredNames, toInputs } from "./inputs";
import { desiredState } from "./plan";
import { makeInventory, makeUsersAndRoles } from "./resources";
import type { EtcdRbacArgs } from "./args";
import { refuse, refuseLater, warn } from "../refuse";

/**
 * The users, roles and permissions of one etcd cluster, made from the same components that `EtcdPki` gives certificates
 * to, and authentication turned on once they are there. A user has no password, unless its component says `Login.Password`: its
 * certificate is the only way in.
 *
 * Needs the package `etcd3`, and etcd 3.4 or later with `--client-cert-auth`. A preview asks etcd, where it is known how to
 * reach it, and says every call that the update will make.
 * @example
 * new EtcdRbac("etcd", { endpoints, caBundlePem: pki.caBundlePem, administrator: pki.components.root, components },
 *   { dependsOn: servers });
 */
export class EtcdRbac extends pulumi.ComponentResource {
  constructor(name: string, args: EtcdRbacArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = `EtcdRbac ${JSON.stringify(name)}`;
    refuse(subject, problemsIn(args));
    // No inputs: the engine would record them, and the administrator's key is a secret.
    super("etcd-pki:index:EtcdRbac", name, {}, opts);
    warn(subject, warningsIn(args), this);

    const { enableAuthentication = true, removeUndeclared = false, skipDeleteIfUnreachable = false } = args;
    const { certPem, privateKeyPem } = args.administrator;
    const connection = {
      endpoints: refuseLater(subject, pulumi.output(args.endpoints), endpointsProblems),
      caBundlePem: args.caBundlePem,
      administrator: pulumi.secret({ certPem, privateKeyPem }),
    };
    const declared = toInputs(desiredState(withPresets(args.components), args.roles, enableAuthentication));
    const names = Object.fromEntries(
      declaredNames({ ...declared, enableAuthentication }).map((one) => [one, "declared"]),
    );
    const { logins, passwords } = passwordLogins(args.components);
    const checkedPasswords = Object.entries(passwords).map(([user, password]) => [
      user,
      refuseLater(subject, pulumi.output(password), (known) => passwordProblems(user, known)),
    ]);
    const { adoptExisting = false, clusterId, waitSeconds } = args;
    const child = { parent: this };
    const {
      adopted,
      cluster,
      found,
      names: noted,
    } = makeInventory(`${name}-inventory`, { ...connection, names, adoptExisting, clusterId, waitSeconds }, child);
    makeUsersAndRoles(
      `${name}-users-and-roles`,
      {
        ...connection,
        ...declared,
        logins,
        passwords: pulumi.secret(Object.fromEntries(checkedPasswords)),
        enableAuthentication,
        removeUndeclared,
        skipDeleteIfUnreachable,
        adopted,
        // An update that leaves the inventory out knows nothing of it.
        inventoryClusterId: cluster.apply((known) => known?.id) as pulumi.Output<string>,
        clusterId,
        waitSeconds,
      },
      { noted, dryRun: { found, adoptExisting } },
      child,
    );
    this.registerOutputs({});
  }
}
