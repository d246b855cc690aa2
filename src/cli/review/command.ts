import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { helpText, json, print } from "../print";
import { closedGates, gateProblems } from "./gates";
import { markdown } from "./markdown";
import { readPreview } from "./preview";
import { reviewOf } from "./review";
import { text } from "./text";

interface Options {
  markdown?: true;
  json?: true;
  failOn?: string;
}

const gateFound = 1;

const exitCodes = {
  0: "nothing of what --fail-on names is in the preview",
  [gateFound]: "something of it is",
};

const examples = [
  "pulumi preview --json | etcd-pki review",
  "etcd-pki review preview.json --markdown > comment.md",
  "etcd-pki review preview.json --fail-on authority,removal,restart,refusal",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("review")
    .description("Show what `pulumi preview --json` changes for an etcd cluster, and who must restart.")
    .argument("[file]", "the output of `pulumi preview --json` (- is the standard input)", "-")
    .option("--markdown", "print Markdown for a pull request; nothing if nothing of etcd changes")
    .option("--json", "print JSON")
    .option("--fail-on <list>", "end with 1 for any of authority, removal, key, permission, restart, refusal")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(run);

function run(file: string, { markdown: isMarkdown, json: isJson, failOn = "" }: Options): void {
  const names = failOn.split(",").filter((name) => name !== "");
  const problems = gateProblems(names);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const review = reviewOf(readPreview(readFileSync(file === "-" ? 0 : file, "utf8")));
  const output = isJson ? json(review) : isMarkdown ? markdown(review) : text(review);
  if (output !== "") print(output);
  if (closedGates(review, names).length > 0) process.exitCode = gateFound;
}
