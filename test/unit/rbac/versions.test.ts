import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { versionProblems } from "../../../src/rbac/versions";

describe("the release of etcd", () => {
  const releases: [string, RegExp[]][] = [
    ["3.4.41", [/CVE-2026-33413 and CVE-2026-33343.*3\.4\.42/, /nested.*3\.4\.44/]],
    ["3.4.44", []],
    ["3.5.27", [/3\.5\.28/, /3\.5\.30/]],
    ["3.5.29", [/nested.*3\.5\.30/]],
    ["3.6.8", [/3\.6\.9/, /3\.6\.11/]],
    ["3.6.11", []],
    ["3.7.0-rc.0", []],
    ["3.3.27", [/older than 3\.4/]],
  ];
  for (const [version, problems] of releases) {
    it(`${version} is warned of ${problems.length} times`, () => {
      const found = versionProblems(version);
      assert.equal(found.length, problems.length);
      problems.forEach((problem, i) => assert.match(found[i]!, problem));
    });
  }
});
