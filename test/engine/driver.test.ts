import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { EngineError, engines, type Engine, type Project, type Run } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";

/** A guard on a Stash, a dynamic resource that is a file, and what resource options do. The environment moves it. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
const { GENERATION = "1", FILE = "", TEXT = "one", NAME = "file", SECRET = "s3cret", RENAMED, PROTECT, IGNORE, DROP } = process.env;
const config = new pulumi.Config();

const guard = new pulumi.ResourceHook("guard", (args) => {
  const [old, next] = [args.oldInputs as any, args.newInputs as any].map((inputs) => Number(inputs.input.generation));
  if (next - old > 1) throw new Error("generation " + next + " does not follow " + old);
}, { onDryRun: true });
const stash = new pulumi.Stash("trust", { input: { generation: GENERATION } }, { hooks: { beforeUpdate: [guard] } });

const provider: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) { return { inputs: news, failures: news.text === "bad" ? [{ property: "text", reason: "is bad" }] : [] }; },
  async diff(id, olds, news) {
    return { changes: olds.text !== news.text || olds.name !== news.name || olds.password !== news.password,
      replaces: olds.name !== news.name ? ["name"] : [], deleteBeforeReplace: true };
  },
  async create(inputs) {
    if (inputs.text === "fail") throw new Error("no space left");
    require("fs").writeFileSync(inputs.file + "-" + inputs.name, inputs.text);
    return { id: inputs.name, outs: { ...inputs, bytes: inputs.text.length } };
  },
  async update(id, olds, news) {
    require("fs").writeFileSync(news.file + "-" + news.name, news.text);
    return { outs: { ...news, bytes: news.text.length } };
  },
  async read(id, props) {
    const path = props!.file + "-" + props!.name;
    if (!require("fs").existsSync(path)) return {} as any;
    return { id, props: { ...props, text: require("fs").readFileSync(path, "utf8") } };
  },
  async delete(id, props) { require("fs").rmSync(props.file + "-" + props.name, { force: true }); },
};
class TextFile extends pulumi.dynamic.Resource {
  declare readonly bytes: pulumi.Output<number>;
  declare readonly password: pulumi.Output<string>;
  constructor(name: string, args: object, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, bytes: undefined }, opts, "test", "TextFile");
  }
}
class Files extends pulumi.ComponentResource {
  readonly file: TextFile;
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Files", name, {}, opts);
    this.file = new TextFile(name + "-text", { file: FILE, text: TEXT, name: NAME, password: pulumi.secret(SECRET) },
      { parent: this, dependsOn: [stash], protect: PROTECT === "yes", ignoreChanges: IGNORE ? ["text"] : undefined });
    this.registerOutputs({ bytes: this.file.bytes });
  }
}
const kept = new TextFile("kept", { file: FILE, text: "kept", name: "kept" });
const files = DROP ? undefined : new Files(RENAMED ?? "files", RENAMED ? { aliases: [{ name: "files" }] } : undefined);
export const stored = stash.output.apply((o: any) => o.generation);
export const bytes = files?.file.bytes;
export const password = files?.file.password;
export const greeting = config.get("greeting");
export const token = config.getSecret("token");
`;

const archive = { GENERATION: "2", TEXT: "three", RENAMED: "archive" };

const changes = (run: Run) =>
  run.steps
    .filter(({ op }) => op !== "same")
    .map(({ op, type, name, changedProperties }) => `${op} ${type.split(":").at(-1)} ${name} [${changedProperties}]`)
    .sort();

describe("Each engine", function () {
  this.timeout(600_000);
  let found: Engine[];

  before(async () => {
    found = await engines();
  });

  for (const kind of ["stand-in", "pulumi"]) {
    describe(`(${kind})`, () => {
      let project: Project;
      let directory: string;
      const file = (name: string) => join(directory, `state-${name}`);
      const env = (more: Record<string, string> = {}) => ({ env: { FILE: join(directory, "state"), ...more } });

      before(async function () {
        const engine = found.find((each) => each.kind === kind);
        if (!engine) return skip(this, "no pulumi on this machine");
        directory = mkdtempSync(join(tmpdir(), "etcd-pki-driver-"));
        const config = { greeting: "hello", token: { value: "t0ken", secret: true } as const };
        project = await engine.open(writeProgram(`options-${kind}`, PROGRAM), { config });
      });
      after(async () => {
        await project?.dispose();
        if (directory) rmSync(directory, { recursive: true, force: true });
      });

      it("reports what the program says when it fails, and makes nothing", async () => {
        const failure = await project.preview(env({ TEXT: "bad" })).catch((error: unknown) => error);
        assert.ok(failure instanceof EngineError);
        assert.match(failure.message, /is bad/);
        const failed = await project.up(env({ TEXT: "fail" })).catch((error: unknown) => error);
        assert.ok(failed instanceof EngineError);
        assert.match(failed.message, /no space left/);
        assert.ok(!existsSync(file("file")));
      });

      it("keeps what a failed run made, makes the rest in the next, and gives the outputs", async () => {
        const { steps, outputs } = await project.up(env());
        const made = steps.filter(({ op }) => op === "create").map(({ name }) => name);
        assert.ok(made.includes("files-text") && !made.includes("trust"), made.join());
        assert.equal(readFileSync(file("file"), "utf8"), "one");
        assert.deepEqual(outputs, {
          stored: { value: "1", secret: false },
          bytes: { value: 3, secret: false },
          password: { value: "s3cret", secret: true },
          greeting: { value: "hello", secret: false },
          token: { value: "t0ken", secret: true },
        });
      });

      it("keeps secrets of dynamic resources and of the configuration out of the state", async () => {
        const state = JSON.stringify(await project.exportState());
        assert.doesNotMatch(state, /s3cret|t0ken/);
        assert.match(state, /TextFile/);
      });

      it("refuses in the preview what a hook refuses", async () => {
        const failure = await project.preview(env({ GENERATION: "3" })).catch((error: unknown) => error);
        assert.ok(failure instanceof EngineError);
        assert.match(failure.message, /before hook "guard" failed: generation 3 does not follow 1/);
      });

      it("updates a Stash that a hook lets pass, keeping its first value, and a dynamic resource in place", async () => {
        const run = await project.up(env({ GENERATION: "2", TEXT: "three" }));
        assert.deepEqual(changes(run), ["update Stash trust [input]", "update TextFile files-text [text]"]);
        assert.equal(run.outputs["stored"]?.value, "1");
        assert.equal(run.outputs["bytes"]?.value, 5);
        assert.equal(readFileSync(file("file"), "utf8"), "three");
      });

      it("ignores the changes that it is told to ignore", async () => {
        const run = await project.preview(env({ GENERATION: "2", TEXT: "four", IGNORE: "yes" }));
        assert.deepEqual(changes(run), []);
      });

      it("finds what was changed by others, and puts it right", async () => {
        rmSync(file("file"));
        assert.deepEqual(changes(await project.refresh(env())), ["delete TextFile files-text []"]);
        const run = await project.up(env({ GENERATION: "2", TEXT: "three" }));
        assert.deepEqual(changes(run), ["create TextFile files-text []"]);
        assert.equal(readFileSync(file("file"), "utf8"), "three");
      });

      it("keeps a component's children when an alias names its old name", async () => {
        const run = await project.up(env({ ...archive, PROTECT: "yes" }));
        assert.deepEqual(changes(run), []);
        assert.ok(run.steps.some(({ name }) => name === "archive-text"));
      });

      it("refuses to replace or delete what is protected", async () => {
        const attempts: Record<string, string>[] = [
          { ...archive, NAME: "moved", PROTECT: "yes" },
          { GENERATION: "2", DROP: "yes" },
        ];
        for (const attempt of attempts) {
          const failure = await project.up(env(attempt)).catch((error: unknown) => error);
          assert.ok(failure instanceof EngineError);
          assert.match(failure.message, /protect/);
        }
        assert.deepEqual([existsSync(file("file")), existsSync(file("moved"))], [true, false]);
      });

      it("replaces a dynamic resource whose provider asks for it, the old one first", async () => {
        const run = await project.up(env({ ...archive, NAME: "moved" }));
        assert.deepEqual(changes(run), ["replace TextFile archive-text [name]"]);
        assert.deepEqual([existsSync(file("file")), existsSync(file("moved"))], [false, true]);
      });

      it("deletes what the program no longer names", async () => {
        const run = await project.up(env({ GENERATION: "2", DROP: "yes" }));
        assert.deepEqual(changes(run), ["delete Files archive []", "delete TextFile archive-text []"]);
        assert.deepEqual([existsSync(file("moved")), existsSync(file("kept"))], [false, true]);
      });

      it("deletes the rest in a destroy, and leaves no settings in the program's folder", async () => {
        const { steps } = await project.destroy(env());
        assert.deepEqual(steps.map(({ op, name }) => `${op} ${name}`).sort(), [
          "delete kept",
          `delete options-${kind}-test`,
          "delete trust",
        ]);
        assert.ok(!existsSync(file("kept")));
        await project.dispose();
        assert.ok(!existsSync(join(project.directory, "Pulumi.test.yaml")));
      });
    });
  }
});
