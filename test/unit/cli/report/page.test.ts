import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import type { ReportData } from "../../../../src/cli/report/data";
import { html } from "../../../../src/cli/report/html/html";
import { page } from "../../../../src/cli/report/html/page";
import { demoStack } from "../../../support/report/demo-stack";
import { dataOf, large, small } from "../../../support/report/demos";
import { run } from "../../../support/run";
import { stackOf } from "../../../support/stack-export";

const main = resolve(__dirname, "../../../../src/cli/main.ts");
const hostile = `</td><script>alert("1")</script><img src=x onerror='alert(2)'>\u202e\u001b[2J`;

describe("The page of a report", function () {
  this.timeout(60_000);
  let data: ReportData;
  let text: string;
  before(async () => {
    data = await dataOf(small);
    text = page(data);
  });

  it("loads nothing: its one style and its one script are in it, and nothing else may run", () => {
    assert.match(text, /content="default-src 'none'; style-src 'sha256-[\w+/]+='; script-src 'sha256-[\w+/]+='"/);
    assert.doesNotMatch(text, /\b(src|srcset|action|formaction|style|on\w+)=|url\(|@import|https?:/);
    assert.deepEqual(text.match(/<(style|script|link|img|iframe|object|base|form)\b/g), ["<style", "<script"]);
    assert.deepEqual(
      [...text.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href).filter((href) => !href.startsWith("#")),
      [],
    );
  });

  it("says in words what is drawn: nothing is told by colour alone", () => {
    const drawn = text.match(/<svg/g)?.length ?? 0;
    assert.ok(drawn > 12);
    assert.equal(text.match(/<svg[^>]*aria-hidden="true"/g)?.length, drawn);
    assert.match(text, /<th scope="row">\s*<span class="nowrap">kube-apiserver<\/span>/);
  });

  it("has a caption for each table, a scope for each head, and a place for each link", () => {
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    assert.equal(count(/<table>/g), count(/<caption>/g));
    assert.equal(count(/<th\b/g), count(/<th scope="(col|row)"/g));
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
  });

  it("escapes whatever names contain", () => {
    const [first, ...lives] = data.lives;
    const evil: ReportData = {
      ...data,
      stack: hostile,
      lives: [{ ...first!, identity: hostile, kind: hostile, cluster: hostile }, ...lives],
      findings: [{ level: "wrong", what: hostile, remedy: hostile }],
      generations: data.generations.map((each) => ({
        ...each,
        name: hostile,
        cluster: hostile,
        crossSignedBy: hostile,
      })),
      access: data.access.map((each) => ({
        ...each,
        component: hostile,
        users: [{ name: hostile, roles: [hostile], isRoot: false, login: "certificate" as const }],
        ranges: [{ range: hostile, rights: { [hostile]: "read" as const } }],
      })),
      secrets: data.secrets.map((each) => ({ ...each, secret: hostile, identity: hostile })),
    };
    const written = page(evil);
    assert.equal(written.match(/<script/g)?.length, 1);
    assert.ok(!["<img", "\u202e", "\u001b"].some((part) => written.includes(part)));
    assert.ok((written.match(/&lt;script&gt;/g)?.length ?? 0) >= 14);
  });

  it("takes apart only what it wrote itself: a value that looks like HTML stays a text", () => {
    assert.equal(
      html`<b title="${'"&'}">${"<i>"}${[html`<u>${1}</u>`]}</b>`.text,
      '<b title="&quot;&amp;">&lt;i&gt;<u>1</u></b>',
    );
  });

  it("shows the rows that end first of 300 identities, has all of them, and stays small", async () => {
    const many = page(await dataOf(large()));
    for (const name of ["app-001", "app-300"]) assert.ok(many.includes(name), name);
    assert.match(many, /<summary>290 more<\/summary>/);
    assert.ok(many.length < 500_000, `${many.length} bytes`);
  });
});

describe("etcd-pki report", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "report-"));
  const [stack, file] = [join(directory, "stack.json"), join(directory, "etcd.html")];
  after(() => rmSync(directory, { recursive: true, force: true }));
  const report = (...args: string[]) => run(process.execPath, ["--require", "tsx/cjs", main, "report", ...args]);

  it("writes the page whole, for everybody to read, and says so", async () => {
    writeFileSync(stack, await demoStack(small));
    const { code, stdout, stderr } = await report("--export", stack, "--html", file);
    assert.deepEqual([code, stdout], [0, `${file}  created\n`], stderr);
    assert.match(readFileSync(file, "utf8"), /^<!doctype html>[^]*<\/html>\n$/);
    assert.equal(statSync(file).mode & 0o777, 0o644);
  });

  it("has no key in it, though the export shows all secrets", async () => {
    const one = { generations: ["1"], signing: "1" };
    const exported = await stackOf()({
      client: one,
      peer: one,
      members: { "etcd-1": ["10.0.0.1"] },
      components: ["app"],
    });
    assert.match(exported, /PRIVATE KEY/);
    writeFileSync(stack, exported);
    const { code, stderr } = await report("--export", stack, "--html", file);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(readFileSync(file, "utf8"), /PRIVATE KEY|private key/);
  });

  it("has a line for an endpoint that does not answer, and is written all the same", async () => {
    writeFileSync(stack, await demoStack(small));
    const { code, stderr } = await report("--export", stack, "--endpoint", "127.0.0.1:1", "--html", file);
    assert.equal(code, 0, stderr);
    assert.match(readFileSync(file, "utf8"), /127\.0\.0\.1:1 could not be read: connect ECONNREFUSED/);
  });

  const refused: [string, string[], string, RegExp][] = [
    ["no file to write", ["--export", stack], "{}", /required option '--html <file>'/],
    ["no stack", ["--html", file], "{}", /name what to read: --stack or --export/],
    ["two stacks", ["--html", file, "--export", stack, "--stack"], "{}", /name what to read: --stack or --export/],
    ["what is no JSON", ["--html", file, "--export", stack], "x", /the stack is no JSON/],
    ["a stack without an EtcdPki", ["--html", file, "--export", stack], "{}", /there is no EtcdPki in the stack/],
  ];
  for (const [title, args, content, expected] of refused)
    it(`ends with 3 for ${title}, and writes nothing`, async () => {
      writeFileSync(stack, content);
      rmSync(file, { force: true });
      const { code, stderr } = await report(...args);
      assert.equal(code, 3);
      assert.match(stderr, expected);
      assert.throws(() => statSync(file), /ENOENT/);
    });
});
