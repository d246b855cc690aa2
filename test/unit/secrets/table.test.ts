import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import { Layout } from "../../../src/secrets/args";
import { type SecretLayout, defaultMode, defaultMountPath, layouts } from "../../../src/secrets/layouts";

const file = resolve(__dirname, "../../../examples/kubernetes-secrets/README.md");

const head = [
  "| layout | CA bundle, certificate, key | mode, mounted at | read by | source |",
  "|---|---|---|---|---|",
];
const row = (name: Layout, { caBundle, cert, privateKey, mode, mountPath, consumer, source }: SecretLayout) =>
  `| \`${name}\` | \`${caBundle}\` \`${cert}\` \`${privateKey}\` ` +
  `| 0${(mode ?? defaultMode).toString(8)} \`${mountPath ?? defaultMountPath}\` | ${consumer} | ${source} |`;
const table = [...head, ...Object.values(Layout).map((name) => row(name, layouts[name]))].join("\n");

describe("The table of layouts", () => {
  it("in the example's README is the one that the code has", () => {
    const [, written = ""] = /<!-- layouts -->\n([\s\S]*?)\n*<!-- \/layouts -->/.exec(readFileSync(file, "utf8")) ?? [];
    assert.equal(written.trim(), table, `replace what is between the markers by:\n${table}`);
  });
});
