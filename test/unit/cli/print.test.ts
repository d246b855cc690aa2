import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { helpText, table, withoutKeys } from "../../../src/cli/print";

describe("what the command prints", () => {
  it("stands in columns, with a dash for nothing and no space at a line's end", () => {
    const rows = [
      { name: "etcd-1", hosts: "10.0.0.1" },
      { name: "a-longer-name", hosts: "" },
    ];
    assert.deepEqual(
      table(
        [
          ["NAME", ({ name }) => name],
          ["HOSTS", ({ hosts }) => hosts],
        ],
        rows,
      ).split("\n"),
      ["NAME           HOSTS", "etcd-1         10.0.0.1", "a-longer-name  -"],
    );
  });

  it("shows control characters instead of obeying them", () => {
    assert.match(table([["NAME", (name) => name]], ["evil\u001b[2J\nnext"]), /^evil\\x1b\[2J\\x0anext$/m);
  });

  it("holds no private key, of whatever kind, whole or cut off", () => {
    for (const kind of ["", "EC ", "RSA ", "ENCRYPTED "]) {
      const begin = `-----BEGIN ${kind}PRIVATE KEY-----\nMHcCAQEE`;
      assert.equal(withoutKeys(`a ${begin}\n-----END ${kind}PRIVATE KEY-----\nb`), "a [private key]\nb");
      assert.equal(withoutKeys(`a ${begin}`), "a [private key]");
    }
    assert.equal(withoutKeys("-----BEGIN CERTIFICATE-----"), "-----BEGIN CERTIFICATE-----");
  });

  it("says in each help what exit code 3 means", () => {
    assert.match(helpText({ 0: "all well" }, ["etcd-pki x"]), / {2}0 {2}all well\n {2}3 {2}called in a wrong way/);
  });
});
