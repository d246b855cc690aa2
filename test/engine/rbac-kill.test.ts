import assert from "node:assert/strict";
import { join } from "node:path";
import { serializeFunction } from "@pulumi/pulumi/runtime";
import { after, afterEach, before, describe, it } from "mocha";
import { toInputs, type UsersAndRolesInputs } from "../../src/rbac/inputs";
import { type AuthState, desiredState } from "../../src/rbac/plan";
import { environment } from "../support/environment";
import { DynamicProvider } from "../support/engine/stand-in/dynamic";
import { mayAccess } from "../support/rbac/etcd-auth-model";
import { type PluginHost, type Properties, startPlugin } from "../support/rbac/plugin-host";
import { declare, heldBy, type RbacCluster, removeFrom, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const read = "read" as const;
const write = "readwrite" as const;
const oldState = desiredState(
  {
    root: {},
    app: {
      permissions: [
        { prefix: "/app/", access: write },
        { prefix: "/old/", access: read },
      ],
      roles: ["shared"],
    },
    gone: { permissions: [{ prefix: "/gone/", access: write }] },
  },
  { shared: [{ prefix: "/shared/", access: write }] },
);
const newState = desiredState(
  {
    root: {},
    app: {
      permissions: [
        { prefix: "/app/", access: read },
        { prefix: "/new/", access: read },
      ],
    },
    fresh: { permissions: [{ key: "/fresh", access: read }], roles: ["shared"] },
  },
  { shared: [{ prefix: "/shared/", access: read }] },
);
const nothing: AuthState = { roles: new Map(), users: new Map(), authentication: false };
const everything = declare(
  {},
  {},
  {
    made: {
      users: new Set(["root", "app", "gone", "fresh"]),
      roles: new Set(["root", "app", "gone", "fresh", "shared"]),
    },
  },
);
const sampleKeys = ["/app/x", "/old/x", "/new/x", "/gone/x", "/fresh", "/shared/x", "/elsewhere"];
const directory = join(__dirname, "../..");

// Each call takes two processes, so that `npm test` tries some calls and `npm run test:all` each.
const every = process.env["TEST_ALL"] ? 1 : 4;

const urn = "urn:pulumi:dev::test::etcd-pki:index:EtcdRbac$etcd-pki:index:UsersAndRoles::etcd";
const hook = `--import=${join(directory, "test/support/rbac/kill-after.mjs")}`;
const envOf = (killAfter: number) => ({ NODE_OPTIONS: hook, KILL_AFTER_CHANGE: String(killAfter) });

/** A process that answers one call, and dies right after the given change of etcd's. */
interface Host {
  create(killAfter: number, inputs: object): Promise<{ outputs: object }>;
  update(killAfter: number, outputs: object, inputs: object): Promise<unknown>;
}

async function dynamicHost(): Promise<Host> {
  const { usersAndRolesShim: provider } = (await import("../../dist/rbac/shims.js" as string)) as {
    usersAndRolesShim: object;
  };
  const { text } = await serializeFunction(() => provider, { allowSecrets: true } as never);
  const withText = (inputs: object) => ({ urn, inputs: { ...inputs, __provider: text } }) as never;
  const once = async <T>(killAfter: number, call: (provider: DynamicProvider) => Promise<T>): Promise<T> => {
    const env = environment(envOf(killAfter));
    const started = new DynamicProvider({ programDirectory: directory, config: {}, env, log: () => undefined });
    try {
      return await call(started);
    } finally {
      await started.stop();
    }
  };
  return {
    create: (killAfter, inputs) => once(killAfter, (started) => started.create(withText(inputs))),
    update: (killAfter, outputs, inputs) =>
      once(killAfter, (started) => started.update({ urn, id: "id", inputs: {}, outputs } as never, withText(inputs))),
  };
}

async function pluginHost(): Promise<Host> {
  const once = async <T>(killAfter: number, call: (plugin: PluginHost) => Promise<T>): Promise<T> => {
    const plugin = await startPlugin({ env: envOf(killAfter) });
    try {
      return await call(plugin);
    } finally {
      await plugin.stop();
    }
  };
  return {
    create: (killAfter, inputs) => once(killAfter, (plugin) => plugin.create(urn, inputs as Properties)),
    update: (killAfter, outputs, inputs) =>
      once(killAfter, (plugin) => plugin.update(urn, "id", outputs as Properties, inputs as Properties)),
  };
}

for (const [name, start] of Object.entries({
  "Pulumi's host of dynamic providers": dynamicHost,
  "the plugin": pluginHost,
})) {
  describe(`${name}, when it is killed`, function () {
    this.timeout(900_000);
    let etcd: RbacCluster;
    let host: Host;

    before(async function () {
      // Both call the same functions, and each call takes a process of its own.
      if (start === dynamicHost && !process.env["TEST_ALL"]) skip(this, "npm run test:all kills it, too");
      await requireEtcd(this, "3.6");
      etcd = await startRbacCluster("3.6");
      host = await start();
    });
    afterEach(() => removeFrom(etcd.connection, everything, false));
    after(() => etcd?.stop());

    const inputs = (state: AuthState): UsersAndRolesInputs => {
      const { endpoints, caBundlePem, certPem, privateKeyPem } = etcd.connection;
      return {
        endpoints,
        caBundlePem,
        administrator: { certPem, privateKeyPem },
        ...toInputs(state),
        enableAuthentication: true,
        removeUndeclared: false,
        skipDeleteIfUnreachable: false,
        adopted: {},
      };
    };

    const create = (state: AuthState, killAfter = 0) => host.create(killAfter, inputs(state));
    const update = (outputs: object, state: AuthState, killAfter = 0) => host.update(killAfter, outputs, inputs(state));
    const assertWithin = async (old: AuthState, wanted: AuthState, when: string) => {
      const now = await heldBy(etcd.connection, everything);
      for (const user of [...now.users.keys()].filter((name) => name !== "root" && !name.startsWith("etcd-pki")))
        for (const key of sampleKeys)
          for (const access of [read, "write" as const])
            if (mayAccess(now, user, key, access))
              assert.ok(
                mayAccess(old, user, key, access) || mayAccess(wanted, user, key, access),
                `${user} may ${access} ${key} ${when}`,
              );
    };
    const assertReached = async (wanted: AuthState) => {
      const held = await heldBy(etcd.connection, everything);
      const { roles, users } = toInputs(held);
      assert.deepEqual({ roles, users }, toInputs(wanted));
      assert.equal(held.authentication, true);
    };
    const isCutOff = (result: Promise<unknown>) =>
      result.then(
        () => false,
        () => true,
      );

    it("after any call of a first update leaves no more than is declared, and the next update goes on to the end", async () => {
      let last = 0;
      for (let call = 1; await isCutOff(create(oldState, call)); last = call, call += every) {
        await assertWithin(nothing, oldState, `after call ${call}`);
        await create(oldState);
        await assertReached(oldState);
        await removeFrom(etcd.connection, everything, false);
      }
      assert.ok(last > 15, `${last} calls`);
    });

    it("after any call of a change leaves no more than old and new, and the next update goes on to the end", async () => {
      let last = 0;
      for (let call = 1; ; last = call, call += every) {
        const { outputs } = await create(oldState);
        if (!(await isCutOff(update(outputs, newState, call)))) break;
        await assertWithin(oldState, newState, `after call ${call}`);
        await update(outputs, newState);
        await assertReached(newState);
        await removeFrom(etcd.connection, everything, false);
      }
      assert.ok(last > 8, `${last} calls`);
    });
  });
}
