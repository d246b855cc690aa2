import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type RealStack, hasPulumi, openRealStack } from "../../support/real-stack";
import { run } from "../../support/run";
import { skip } from "../../support/skip";

const script = resolve(__dirname, "../../../examples/weekly/weekly.sh");

const program = `
const { EtcdPki } = require("etcd-pki");
const { withoutKeys } = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  ...JSON.parse(process.env.DECLARED),
});
module.exports = { withoutKeys };
`;
const app = 'components["app"]';

describe("examples/weekly, on pulumi", function () {
  this.timeout(5 * 60_000);
  let stack: RealStack;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    stack = await openRealStack(program);
    await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], { components: { app: {}, other: {} } });
  });
  after(() => stack?.dispose());

  const weekly = (declared: object) =>
    run(script, [], { cwd: stack.directory, env: { ...stack.environment, DECLARED: JSON.stringify(declared) } });
  const serialNumber = async () => {
    const { withoutKeys } = await stack.outputs<{ withoutKeys: Record<string, { serialNumber: string }> }>();
    return withoutKeys[app]?.serialNumber;
  };

  it("ends well where nothing is due, and says when each certificate ends", async () => {
    const { code, stdout, stderr } = await weekly({ components: { app: {}, other: {} } });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /app +component +ok/);
  });

  it("renews", async () => {
    const old = await serialNumber();
    const { code, stdout, stderr } = await weekly({ components: { app: { renewNow: "this week" }, other: {} } });
    assert.equal(code, 0, stdout + stderr);
    assert.notEqual(await serialNumber(), old);
  });

  for (const [what, declared] of Object.entries({
    "remove an identity": { components: { app: { renewNow: "this week" } } },
    "take another key": { components: { app: { renewNow: "this week", rotateKey: "1" }, other: {} } },
    "change an authority": {
      components: { app: { renewNow: "this week" }, other: {} },
      certificateAuthority: { generations: ["1", "2"], signing: "1" },
    },
  })) {
    it(`does not ${what}`, async () => {
      const old = await stack.run(["stack", "export"]);
      const { code } = await weekly(declared);
      assert.equal(code, 1);
      assert.equal(await stack.run(["stack", "export"]), old);
    });
  }
});
