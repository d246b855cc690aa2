import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { withClient } from "../../src/rbac/operations";
import type { Permission } from "../../src/rbac/permissions";
import type { AuthState } from "../../src/rbac/plan";
import type { Step } from "../../src/rbac/steps";
import { apply } from "../support/rbac/etcd-auth-model";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const range = fc.constantFrom(
  ...["a", "b"].flatMap((key) => ["", "c", "d", "\0"].map((rangeEnd) => ({ key, rangeEnd }))),
);
const step: fc.Arbitrary<Step> = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(range, fc.constantFrom("read" as const, "write" as const, "readwrite" as const)) },
    { weight: 1, arbitrary: fc.tuple(range, fc.constant(undefined)) },
  )
  .map(([one, access]) =>
    access
      ? { call: "roleGrantPermission", role: "A", permission: { ...one, access }, reason: "" }
      : { call: "roleRevokePermission", role: "A", range: one, reason: "" },
  );

// The plans are proved against a model of etcd; this proves the model.
for (const version of TESTED_ETCD_VERSIONS) {
  describe(`the model of etcd's permissions, beside etcd ${version}`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;
    before(async function () {
      await requireEtcd(this, version);
      etcd = await startRbacCluster(version);
    });
    after(() => etcd?.stop());

    it("keeps the same entries in the same order through any grants and revokes", () =>
      withClient(etcd.connection, async (client) => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
            let model: AuthState = {
              roles: new Map([["A", [] as Permission[]]]),
              users: new Map(),
              authentication: false,
            };
            await client.change({ call: "roleAdd", role: "A", reason: "" });
            for (const one of steps) {
              const expected = outcome(() => (model = apply(model, one)));
              const actual = await client.change(one).then(
                () => "done",
                () => "refused",
              );
              assert.equal(actual, expected);
            }
            const held = await client.permissionsOf("A");
            await client.change({ call: "roleDelete", role: "A", reason: "" });
            assert.deepEqual(held, model.roles.get("A"));
          }),
          { numRuns: 60 },
        );
      }));
  });
}

function outcome(action: () => unknown): "done" | "refused" {
  try {
    action();
    return "done";
  } catch {
    return "refused";
  }
}
