import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../src/args";
import { calico, type CalicoArgs } from "../../../src/presets";
import { addedByNewest, documented, needed, newestVersion, rowOf } from "./documented";

const deletions = ["workloadendpoints", "bgppeers", "felixconfigurations", "bgpconfigurations"].map(
  (kind) => `RW P/${kind}/`,
);

const migrated = ["globalnetworkpolicies", "stagednetworkpolicies", "stagedglobalnetworkpolicies"].map(
  (kind) => `RW P/${kind}/`,
);
const staged = ["stagednetworkpolicies", "stagedglobalnetworkpolicies", "stagedkubernetesnetworkpolicies"].map(
  (kind) => `RW P/${kind}/`,
);

/** What a version adds to the documented table, from the first version that needs it. */
const added: [preset: string, version: string, rows: string[]][] = [
  ["node", "3.22", []],
  ["node", "3.28.5", []],
  ["node", "3.29", ["RW P/tiers/"]],
  ["node", "v3.31.7", ["RW P/tiers/"]],
  ["node", "3.32", ["RW P/tiers/", "RW P/bgpconfigurations/"]],
  ["felix", "3.21", []],
  ["felix", "3.22", ["R /calico/ipam/v2/assignment/"]],
  ["cni", "3.21", []],
  ["cni", "3.30", ["R P/ipreservations/"]],
  ["cni", "3.31", ["R P/ipreservations/", "R P/blockaffinities/"]],
  ["cni", "3.32", ["R P/ipreservations/", "R P/blockaffinities/", "R P/ipamconfigurations/"]],
  ["kubeControllers", "3.21", []],
  ["kubeControllers", "3.28", deletions],
  ["kubeControllers", "v3.31.7", [...deletions, "RW P/tiers/"]],
  ["kubeControllers", "3.32", [...deletions, "RW P/tiers/", ...migrated]],
  ["typha", "3.28", []],
  ["typha", "3.29", ["RW P/tiers/"]],
  ["typha", "3.100", ["RW P/tiers/"]],
  ["neutron", "3.32", []],
  ["policyEditor", "3.29.7", []],
  ["policyEditor", "3.30", staged],
];

const presets = calico as Record<string, (args?: CalicoArgs) => PermissionArgs[]>;
const rows = (permissions: PermissionArgs[]) => permissions.map(rowOf);

describe("The Calico presets", () => {
  it("are those of the table below and no other", () => {
    assert.deepEqual(Object.keys(calico), Object.keys(documented));
  });

  for (const [preset, expected] of Object.entries(documented)) {
    it(`grant ${preset} its documented table when no version is named`, () => {
      assert.deepEqual(rows(presets[preset]!()), expected);
      assert.deepEqual(rows(presets[preset]!({})), expected);
    });
  }

  for (const preset of Object.keys(documented)) {
    it(`grant ${preset} what Calico ${newestVersion} needs`, () => {
      const expected = needed(preset, addedByNewest[preset] ?? []);
      assert.deepEqual(rows(presets[preset]!({ version: newestVersion })), expected);
    });
  }

  for (const [preset, version, expected] of added) {
    it(`add ${expected.length} ranges to ${preset}'s table for Calico ${version}`, () => {
      assert.deepEqual(rows(presets[preset]!({ version })), needed(preset, expected));
    });
  }

  it("grant calico/node of 3.21 its documented table, which holds for it", () => {
    assert.deepEqual(rows(calico.node({ version: "3.21" })), documented["node"]);
  });

  for (const version of ["latest", "", "3", "3.x", "3.032", "4.0", "3.8", "2.6", "3.32.", " 3.32", "3.32-dev"]) {
    it(`refuse the version ${JSON.stringify(version)} in words`, () => {
      assert.throws(() => calico.node({ version }), {
        message:
          `preset "calico-node": version is ${JSON.stringify(version)}; give calico-node's version as "3.32" or ` +
          `"v3.32.1", at least 3.9, or leave it out for the documented table.`,
      });
    });
  }
});
