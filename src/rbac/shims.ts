import type * as pulumi from "@pulumi/pulumi";

// Pulumi stores the text of these providers in every stack's state and runs it again from there, even years later. So they
// hold nothing but the way to the code of the installed package, and their text must stay the same, byte for byte.

/**
 * The package as the program has it, or else as one of the packages has it that the program depends on: where a company
 * wraps this one, pnpm shows it to the wrapper only.
 */
const load = (): typeof import("./dynamic-v1") => {
  const { existsSync, readFileSync, realpathSync } = require("node:fs") as typeof import("node:fs");
  const { createRequire } = require("node:module") as typeof import("node:module");
  const { dirname, join } = require("node:path") as typeof import("node:path");
  const wanted = "etcd-pki/dynamic/v1";
  const parents = (folder: string): string[] =>
    dirname(folder) === folder ? [folder] : [folder, ...parents(dirname(folder))];
  const queue = parents(process.cwd());
  for (const folder of queue) {
    const manifest = join(folder, "package.json");
    let path = "";
    try {
      path = createRequire(manifest).resolve(wanted);
    } catch {
      if (!existsSync(manifest)) continue;
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, "utf8"));
      for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
        const home = parents(folder)
          .map((one) => join(one, "node_modules", name))
          .find(existsSync);
        if (home && !queue.includes(realpathSync(home))) queue.push(realpathSync(home));
      }
      continue;
    }
    return createRequire(manifest)(path);
  }
  throw new Error(`The package etcd-pki is not found from ${process.cwd()}; run "npm install etcd-pki" there.`);
};

/** What the state of an `Inventory` runs. */
export const inventoryShim: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return load().inventory.check(olds, news);
  },
  async diff(id, olds, news) {
    return load().inventory.diff(id, olds, news);
  },
  async create(inputs) {
    return load().inventory.create(inputs);
  },
  async read(id, props) {
    return load().inventory.read(id, props);
  },
  async update(id, olds, news) {
    return load().inventory.update(id, olds, news);
  },
  async delete() {
    return load().inventory.delete();
  },
};

/** What the state of a `UsersAndRoles` runs. */
export const usersAndRolesShim: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return load().usersAndRoles.check(olds, news);
  },
  async diff(id, olds, news) {
    return load().usersAndRoles.diff(id, olds, news);
  },
  async create(inputs) {
    return load().usersAndRoles.create(inputs);
  },
  async read(id, props) {
    return load().usersAndRoles.read(id, props);
  },
  async update(id, olds, news) {
    return load().usersAndRoles.update(id, olds, news);
  },
  async delete(id, props) {
    return load().usersAndRoles.delete(id, props);
  },
};
