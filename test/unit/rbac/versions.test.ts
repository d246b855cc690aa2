import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { versionProblems } from "../../../src/rbac/versions";

describe("the release of etcd", () => {
  const watch = "GHSA-xg4h-6gfc-h4m8";
  const nested = "CVE-2026-44283";
  const unchecked = "CVE-2026-33413 and CVE-2026-33343";
  const releases: [string, string[]][] = [
    ["3.4.41", [watch, nested, unchecked]],
    ["3.4.42", [watch, nested]],
    ["3.4.45", [watch]],
    ["3.5.27", [watch, nested, unchecked]],
    ["3.5.32", [watch]],
    ["3.5.33", []],
    ["3.6.8", [watch, nested, unchecked]],
    ["3.6.13", [watch]],
    ["3.6.14", []],
    ["3.7.0-rc.0", [watch, nested, unchecked]],
    ["3.7.0", [watch]],
    ["3.7.1", []],
    ["3.8.0-alpha.0", []],
  ];
  for (const [version, advisories] of releases) {
    it(`${version} is open to ${advisories.join(", ") || "nothing that is known"}`, () => {
      const found = versionProblems(version);
      assert.deepEqual(found.join().match(/(GHSA|CVE)[^)]*/g) ?? [], advisories);
      assert.equal(found.length, advisories.length > 0 ? 1 : 0);
      if (found.length > 0) assert.match(found[0]!, /3\.5\.33, 3\.6\.14 and 3\.7\.1/);
    });
  }

  it("3.3.27 is too old", () => assert.match(versionProblems("3.3.27").join(), /older than 3\.4/));
});
