import type { Command } from "commander";
import { helpText, print } from "../print";
import { publicMode, writeFile } from "../write-file";
import { join } from "./facts";
import type { Format } from "./formats";
import { json, table } from "./formats";
import { prometheus, prometheusRules } from "./prometheus";
import type { SourceOptions } from "./gather";
import { gather, sourcesOf } from "./gather";
import { exitCode, reportOn } from "./report";

interface Options extends SourceOptions {
  json?: true;
  prometheus?: true;
  prometheusRules?: true;
  output?: string;
}

const exitCodes = {
  0: "all well",
  1: "a certificate is in its renewal window or near its end, or not the same everywhere",
  2: "one has expired or is not valid yet; this goes before 3, and 3 before 1",
  3: "something could not be read, or the call is wrong",
};

const examples = [
  "etcd-pki expiry --stack prod --endpoint https://10.0.0.1:2379 [::1]:2379",
  "etcd-pki expiry --file /etc/kubernetes/pki/etcd --endpoint 10.0.0.1",
  "kubectl get secrets -A -o json | etcd-pki expiry --secrets - --ca-file ca.pem",
  "etcd-pki expiry --stack --prometheus --output /var/lib/node_exporter/etcd-pki.prom",
  "etcd-pki expiry --prometheus-rules > etcd-pki-rules.yaml",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("expiry")
    .description("Show when the certificates of an etcd cluster end, and where stack, files and live members disagree.")
    .option("--stack [name]", "a stack of the Pulumi project in this folder (default: the selected one)")
    .option("--export <file>", "the output of `pulumi stack export` (- is the standard input)")
    .option("--file <paths...>", "PEM files or folders of them; keys in them are passed over")
    .option(
      "--ca-file <paths...>",
      "as --file: the authorities by whose signature a certificate belongs to the cluster",
    )
    .option("--secrets <file>", "the output of `kubectl get secrets --output json` (- is the standard input)")
    .option("--all", "with --secrets: strangers' certificates, too, which no authority signed that is known here")
    .option("--endpoint <addresses...>", "live servers; their handshake is read. Port 2379 unless named")
    .option("--json", "print JSON")
    .option("--prometheus", "print a textfile for Prometheus's node_exporter")
    .option("--prometheus-rules", "print alert rules for that textfile, and nothing else")
    .option("--output <file>", "write to this file, whole or not at all, instead of printing")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(expiry);

async function expiry(options: Options): Promise<void> {
  if (options.prometheusRules) return show(prometheusRules, options);
  const sources = sourcesOf(options);
  if (sources.length === 0) throw new Error("name what to read: --stack, --export, --file, --secrets or --endpoint");
  const all = options.all === true;
  const { found, unreadable } = await gather(sources);
  const { joined, strangers } = join(found, all);
  const empty = joined.length === 0 && unreadable.length === 0 ? [nothingOurs] : [];
  const report = reportOn(joined, [...unreadable, ...empty], strangers, new Date());
  const format: Format = options.json ? json : options.prometheus ? prometheus : table;
  show(format(report), options);
  process.exitCode = exitCode(report);
}

// Silence would read as "all well".
const nothingOurs = "no certificate was found that belongs to a cluster which is known here";

function show(text: string, { output }: Options): void {
  if (output === undefined) print(text);
  else writeFile(output, `${text}\n`, publicMode);
}
