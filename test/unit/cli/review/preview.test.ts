import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readPreview } from "../../../../src/cli/review/preview";
import { testAuthority } from "../../../support/issue-certificates";
import { previewOf, step } from "./preview-of";

const holding = (value: unknown) =>
  previewOf([step("my:index:Thing", "t", { op: "create", next: { inputs: { deep: [{ value }] } } })]);

describe("a preview", () => {
  it("with a private key in clear is refused, as PEM and as a Secret's base64", async () => {
    const { privateKeyPem } = await (await testAuthority("ca")).issue({ commonName: "etcd-1" });
    const values = [
      privateKeyPem,
      `certificate and key\n${privateKeyPem}`,
      Buffer.from(privateKeyPem).toString("base64"),
    ];
    for (const value of values)
      assert.throws(
        () => readPreview(holding(value)),
        (error: Error) => {
          assert.match(error.message, /^a private key is in it in clear/);
          assert.doesNotMatch(error.message, /BEGIN/);
          return true;
        },
      );
    assert.equal(readPreview(holding("[secret]")).changes.length, 1);
  });

  const others: [string, string, RegExp][] = [
    ["the state of a stack", JSON.stringify({ version: 3, deployment: {} }), /the state of a stack, not a preview/],
    ["a stream of events", '{"sequence":1}\n{"sequence":2}\n', /unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW/],
    ["no JSON", "Previewing update (dev)", /this is not JSON; give what `pulumi preview --json` prints/],
    ["other JSON", "[]", /neither steps nor diagnostics/],
  ];
  for (const [what, text, message] of others)
    it(`that is ${what} is refused`, () => assert.throws(() => readPreview(text), { message }));

  it("counts a replacement once, whatever steps the engine makes of it", () => {
    const of = (op: string) => step("my:index:Thing", "a::b", { op, old: {}, next: {} });
    const { changes } = readPreview(previewOf(["create-replacement", "replace", "delete-replaced", "same"].map(of)));
    assert.deepEqual(
      changes.map(({ operation, name }) => `${operation} ${name}`),
      ["replace a::b"],
    );
  });
});
