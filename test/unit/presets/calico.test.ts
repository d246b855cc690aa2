import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../src/args";
import { type CalicoArgs, calico } from "../../../src/presets/calico";
import { addedByNewest, documented, newestVersion, rowOf } from "./documented";

const deletions = ["workloadendpoints", "bgppeers", "felixconfigurations", "bgpconfigurations"].map(
  (kind) => `RW P/${kind}/`,
);

/** What a version adds to the documented table, from the first version that needs it. */
const added: [preset: string, version: string, rows: string[]][] = [
  ["node", "3.21", []],
  ["node", "3.22", ["RW P/caliconodestatuses/"]],
  ["node", "3.28.5", ["RW P/caliconodestatuses/"]],
  ["node", "3.29", ["RW P/caliconodestatuses/", "RW P/tiers/"]],
  ["node", "v3.31.7", ["RW P/caliconodestatuses/", "RW P/tiers/"]],
  ["node", "3.32", ["RW P/caliconodestatuses/", "RW P/tiers/", "RW P/bgpconfigurations/"]],
  ["felix", "3.21", []],
  ["felix", "3.22", ["R /calico/ipam/v2/assignment/"]],
  ["cni", "3.21", []],
  ["cni", "3.31", ["R P/ipreservations/"]],
  ["cni", "3.32", ["R P/ipreservations/", "R P/ipamconfigurations/"]],
  ["kubeControllers", "3.21", []],
  ["kubeControllers", "3.28", deletions],
  ["kubeControllers", "v3.30.1", [...deletions, "RW P/tiers/"]],
  ["typha", "3.28", []],
  ["typha", "3.29", ["RW P/tiers/"]],
  ["typha", "3.100", ["RW P/tiers/"]],
  ["neutron", "3.32", []],
  ["policyEditor", "3.32", []],
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
      const expected = [...documented[preset]!, ...(addedByNewest[preset] ?? [])];
      assert.deepEqual(rows(presets[preset]!({ version: newestVersion })), expected);
    });
  }

  for (const [preset, version, expected] of added) {
    it(`add ${expected.length} ranges to ${preset}'s table for Calico ${version}`, () => {
      assert.deepEqual(rows(presets[preset]!({ version })), [...documented[preset]!, ...expected]);
    });
  }

  for (const version of ["latest", "", "3", "3.x", "3.032", "4.0", "3.8", "2.6", "3.32.", " 3.32", "3.32-dev"]) {
    it(`refuse the version ${JSON.stringify(version)} in words`, () => {
      assert.throws(() => calico.node({ version }), {
        message:
          `calico.node: version is ${JSON.stringify(version)}; give Calico's version as "3.32" or "v3.32.1", ` +
          `at least 3.9, or leave it out for the documented table.`,
      });
    });
  }
});
