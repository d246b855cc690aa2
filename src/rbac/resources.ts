import * as pulumi from "@pulumi/pulumi";
import type { ConnectionInputs, UsersAndRolesInputs } from "./inputs";

// Pulumi stores the text of these providers in every stack's state and runs it again from there, even years later. So they
// hold nothing but the way to the code of the installed package, and their text must stay the same, byte for byte.

/** What the state of an `Inventory` runs. */
export const inventoryShim: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return require("etcd-pki/dynamic/v1").inventory.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("etcd-pki/dynamic/v1").inventory.diff(id, olds, news);
  },
  async create(inputs) {
    return require("etcd-pki/dynamic/v1").inventory.create(inputs);
  },
  async read(id, props) {
    return require("etcd-pki/dynamic/v1").inventory.read(id, props);
  },
  async update(id, olds, news) {
    return require("etcd-pki/dynamic/v1").inventory.update(id, olds, news);
  },
  async delete(id, props) {
    return require("etcd-pki/dynamic/v1").inventory.delete(id, props);
  },
};

/** What the state of a `UsersAndRoles` runs. */
export const usersAndRolesShim: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.diff(id, olds, news);
  },
  async create(inputs) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.create(inputs);
  },
  async read(id, props) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.read(id, props);
  },
  async update(id, olds, news) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.update(id, olds, news);
  },
  async delete(id, props) {
    return require("etcd-pki/dynamic/v1").usersAndRoles.delete(id, props);
  },
};

type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/** What was there before: see `dynamic-v1.ts`. */
export class Inventory extends pulumi.dynamic.Resource {
  declare public readonly adopted: pulumi.Output<Record<string, string>>;

  constructor(
    name: string,
    inputs: Inputs<ConnectionInputs> & { names: Record<string, string>; adoptExisting: boolean },
    opts: pulumi.CustomResourceOptions,
  ) {
    super(inventoryShim, name, { ...inputs, adopted: undefined }, opts, "etcd", "Inventory");
  }
}

/** All users, roles and authentication of one cluster: see `dynamic-v1.ts`. */
export class UsersAndRoles extends pulumi.dynamic.Resource {
  declare public readonly users: pulumi.Output<Record<string, Record<string, string>>>;

  constructor(name: string, inputs: Inputs<UsersAndRolesInputs>, opts: pulumi.CustomResourceOptions) {
    super(usersAndRolesShim, name, { ...inputs, made: undefined }, opts, "etcd", "UsersAndRoles");
  }
}
