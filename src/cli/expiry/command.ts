import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Command } from "commander";
import { now } from "../../clock";
import { helpText, print } from "../print";
import type { Format } from "./formats";
import { json, prometheus, prometheusRules, table } from "./formats";
import { exitCode, reportOn } from "./report";
import type { Found } from "./sources";
import { atEndpoint, inFile, inSecrets, inStack } from "./sources";

interface Options {
  stack?: string | true;
  export?: string;
  file?: string[];
  secrets?: string;
  endpoint?: string[];
  json?: true;
  prometheus?: true;
  prometheusRules?: true;
}

const exitCodes = {
  0: "all well",
  1: "a certificate is in its renewal window or not the same everywhere",
  2: "one has expired",
  3: "something could not be read",
};

const examples = [
  "etcd-pki expiry --stack prod --endpoint https://10.0.0.1:2379",
  "kubectl get secrets -A -o json | etcd-pki expiry --secrets -",
  "etcd-pki expiry --stack --prometheus > /var/lib/node_exporter/etcd-pki.prom",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("expiry")
    .description("Show when the certificates of an etcd cluster end, and where stack, files and live members disagree.")
    .option("--stack [name]", "a stack of the Pulumi project in this folder (default: the selected one)")
    .option("--export <file>", "the output of `pulumi stack export` (- is the standard input)")
    .option("--file <paths...>", "PEM files; several certificates in one are fine, keys are passed over")
    .option("--secrets <file>", "the output of `kubectl get secrets --output json` (- is the standard input)")
    .option("--endpoint <addresses...>", "live servers, such as https://10.0.0.1:2379; their handshake is read")
    .option("--json", "print JSON")
    .option("--prometheus", "print a textfile for Prometheus's node_exporter")
    .option("--prometheus-rules", "print alert rules for that textfile, and nothing else")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(expiry);

async function expiry(options: Options): Promise<void> {
  if (options.prometheusRules) return print(prometheusRules);
  const sources = sourcesOf(options);
  if (sources.length === 0) throw new Error("name what to read: --stack, --export, --file, --secrets or --endpoint");
  const results = await Promise.allSettled(sources.map(([, read]) => read()));
  const found = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const unreadable = results.flatMap((result, i) => problemOf(sources[i]?.[0] ?? "", result));
  const report = reportOn(found, unreadable, now());
  const format: Format = options.json ? json : options.prometheus ? prometheus : table;
  print(format(report));
  process.exitCode = exitCode(report);
}

function problemOf(source: string, result: PromiseSettledResult<Found[]>): string[] {
  if (result.status === "rejected") return [`${source} could not be read: ${(result.reason as Error).message}`];
  return result.value.length === 0 ? [`${source} could not be read: there is no certificate in it`] : [];
}

/** Each source by the name it has in the report. */
function sourcesOf(options: Options): [string, () => Promise<Found[]>][] {
  const { stack, export: exported, file = [], secrets, endpoint = [] } = options;
  const name = typeof stack === "string" ? `stack ${stack}` : "the stack";
  return [
    ...(stack === undefined ? [] : [source(name, async () => inStack(name, await exportStack(stack)))]),
    ...(exported === undefined ? [] : [source(exported, async () => inStack("the stack", read(exported)))]),
    ...file.map((path) => source(path, async () => inFile(path, read(path)))),
    ...(secrets === undefined ? [] : [source(secrets, async () => inSecrets(read(secrets)))]),
    ...endpoint.map((address) => source(address, () => atEndpoint(address))),
  ];
}

const source = (name: string, found: () => Promise<Found[]>): [string, () => Promise<Found[]>] => [name, found];

const read = (path: string) => readFileSync(path === "-" ? 0 : path, "utf8");

const largestExportBytes = 1024 * 1024 * 1024;

async function exportStack(stack: string | true): Promise<string> {
  const which = stack === true ? [] : ["--stack", stack];
  const flags = ["stack", "export", "--non-interactive", ...which];
  return (await promisify(execFile)("pulumi", flags, { maxBuffer: largestExportBytes })).stdout;
}
