import * as pulumi from "@pulumi/pulumi";
import { isPlugin } from "../pulumi";
import type { ClusterIdentity } from "./cluster";
import type { DryRun } from "./first-preview";
import type { ConnectionInputs, UsersAndRolesInputs } from "./inputs";
import type { InventoryInputs } from "./inventory";
import { inventoryShim, usersAndRolesShim } from "./shims";
import type { Beside, Refusal } from "./users-and-roles";

// A program in Node.js brings its resources' code along, and needs no setting. In the package's plugin, which any other
// language uses, the plugin itself is their provider. A stack can go from one to the other: each names the other's type.

class Dynamic extends pulumi.dynamic.Resource {
  constructor(
    shim: pulumi.dynamic.ResourceProvider,
    type: string,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(shim, name, props, { ...opts, aliases: [{ type: `etcd-pki:index:${type}` }] }, "etcd", type);
  }
}

class Served extends pulumi.CustomResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const aliases = [{ type: `pulumi-nodejs:dynamic/etcd:${type}` }];
    super(`etcd-pki:index:${type}`, name, props, { ...opts, aliases });
  }
}

type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/** What was there before: see `inventory.ts`. */
export interface Inventory extends pulumi.CustomResource {
  readonly adopted: pulumi.Output<Record<string, string>>;
  /** Undefined where an update leaves it out that was never made. */
  readonly cluster: pulumi.Output<ClusterIdentity | undefined>;
  readonly names: pulumi.Output<Record<string, string>>;
  /** In a preview only. */
  readonly found: pulumi.Output<string[]>;
}

/** Makes the resource that notes what was there before. */
export function makeInventory(
  name: string,
  inputs: Inputs<ConnectionInputs> & Pick<InventoryInputs, "names" | "adoptExisting" | "clusterId" | "waitSeconds">,
  opts: pulumi.CustomResourceOptions,
): Inventory {
  const props = {
    ...inputs,
    adopted: undefined,
    cluster: undefined,
    found: undefined,
    dryRun: pulumi.runtime.isDryRun() || undefined,
  };
  const resource = isPlugin()
    ? new Served("Inventory", name, props, opts)
    : new Dynamic(inventoryShim, "Inventory", name, props, opts);
  return resource as unknown as Inventory;
}

/** Makes all users, roles and authentication of one cluster: see `users-and-roles.ts`. */
export function makeUsersAndRoles(
  name: string,
  inputs: Inputs<UsersAndRolesInputs>,
  { noted, dryRun }: { noted: pulumi.Input<Beside["noted"]>; dryRun: Inputs<DryRun & Refusal> },
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const props = {
    ...inputs,
    made: undefined,
    cluster: undefined,
    noted,
    dryRun: pulumi.runtime.isDryRun() ? dryRun : undefined,
  };
  return isPlugin()
    ? new Served("UsersAndRoles", name, props, opts)
    : new Dynamic(usersAndRolesShim, "UsersAndRoles", name, props, opts);
}
