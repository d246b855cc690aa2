import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../src/args";
import { type CalicoArgs, calico } from "../../../src/presets/calico";

// As in Calico's page "Calico key and path prefixes": P stands for /calico/resources/v3/projectcalico.org.
const documented: Record<string, string[]> = {
  basic: ["RW /calico/"],
  node: [
    "RW /calico/felix/v1/",
    "RW /calico/felix/v2/",
    "RW /calico/ipam/v2/",
    "RW P/felixconfigurations/",
    "RW P/nodes/",
    "RW P/workloadendpoints/",
    "RW P/clusterinformations/",
    "RW P/ippools/",
    "R P/",
  ],
  felix: ["RW /calico/felix/v1/", "RW /calico/felix/v2/", "R P/"],
  cni: ["RW /calico/ipam/v2/", "RW P/workloadendpoints/", "R P/ippools/", "R P/clusterinformations/", "R P/nodes/"],
  kubeControllers: [
    "RW /calico/ipam/v2/",
    "RW P/profiles/",
    "RW P/networkpolicies/",
    "RW P/nodes/",
    "RW P/clusterinformations/",
    "RW P/hostendpoints/",
    "RW P/kubecontrollersconfigurations/",
    "R P/",
  ],
  neutron: [
    "RW P/",
    "RW /calico/dhcp/v1/",
    "RW /calico/dhcp/v2/",
    "RW /calico/compaction/v1/",
    "RW /calico/openstack/v1/",
    "RW /calico/openstack/v2/",
    "R /calico/felix/v1/",
    "R /calico/felix/v2/",
  ],
  dhcpAgent: ["R P/", "R /calico/dhcp/v1/", "R /calico/dhcp/v2/"],
  typha: ["R P/", "R /calico/ipam/v2/", "RW P/clusterinformations/"],
  calicoctlReadOnly: ["R /calico/ipam/v2/", "R P/"],
  policyEditor: [
    "R /calico/ipam/v2/",
    "R P/",
    "RW P/globalnetworkpolicies/",
    "RW P/globalnetworksets/",
    "RW P/networkpolicies/",
    "RW P/networksets/",
    "RW P/profiles/",
  ],
  full: ["RW /calico/ipam/v2/", "RW P/"],
};

const controllerDeletions = ["workloadendpoints", "bgppeers", "felixconfigurations", "bgpconfigurations"];
const deletions = controllerDeletions.map((kind) => `RW P/${kind}/`);

/** What a version adds to the documented table, from the first version that needs it. */
const added: [preset: string, version: string, rows: string[]][] = [
  ["node", "3.21", []],
  ["node", "3.22", ["RW P/caliconodestatuses/"]],
  ["node", "3.28.5", ["RW P/caliconodestatuses/"]],
  ["node", "3.29", ["RW P/caliconodestatuses/", "RW P/tiers/"]],
  ["node", "v3.31.7", ["RW P/caliconodestatuses/", "RW P/tiers/"]],
  ["node", "3.32", ["RW P/caliconodestatuses/", "RW P/tiers/", "RW P/bgpconfigurations/"]],
  ["node", "3.33", ["RW P/caliconodestatuses/", "RW P/tiers/", "RW P/bgpconfigurations/", "RW P/ipamconfigurations/"]],
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
const rows = (permissions: PermissionArgs[]) =>
  permissions.map(({ prefix, access }) => {
    const short = prefix?.replace("/calico/resources/v3/projectcalico.org/", "P/");
    return `${access === "readwrite" ? "RW" : access === "read" ? "R" : access} ${short}`;
  });

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
