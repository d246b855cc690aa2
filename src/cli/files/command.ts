import type { Command } from "commander";
import { layoutProblems, MachineLayout, memberConfigProblems } from "../../pki/machine";
import type { Column } from "../print";
import { helpText, json, print, table } from "../print";
import { exportWithSecrets, readText } from "../read-stack";
import { inWords } from "./changes";
import { configProblems, memberConfigs } from "./config";
import type { Identity, StackCluster } from "./identities";
import { clusterOf } from "./identities";
import type { FilesChoice } from "./plan";
import { planFiles } from "./plan";
import { pkisIn } from "./stack";
import type { Outcome } from "./write";
import { writeFiles } from "./write";

interface Options {
  stack?: string | true;
  export?: string;
  cluster?: string;
  identity?: string[];
  layout: string;
  directory: string;
  machineDirectory?: string;
  pkcs8?: true;
  combined?: true;
  config?: string[];
  advertise?: string[];
  etcdVersion?: string;
  clientPort?: string;
  peerPort?: string;
  dataDirectory?: string;
  clusterToken?: string;
  existing?: true;
  dryRun?: true;
  json?: true;
}

const exitCodes = {
  0: "all files are as they should be",
  1: "with --dry-run: something would change",
};

const examples = [
  "etcd-pki files --stack prod --layout tls-setup --directory certs",
  "etcd-pki files --stack prod --directory 'machines/{identity}' --config flags --etcd-version 3.6.16",
  "pulumi stack export --show-secrets | ssh etcd-1 etcd-pki files --export - --identity etcd-1 --directory /etc/etcd/pki",
  "etcd-pki files --stack prod --identity my-app --directory /etc/my-app --config etcdctl",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("files")
    .description("Write the certificates and keys of a stack where machines need them, and say what must restart.")
    .requiredOption("--directory <path>", "the folder to write to; {identity} in it is the identity's name")
    .option("--stack [name]", "a stack of the Pulumi project in this folder (default: the selected one)")
    .option("--export <file>", "the output of `pulumi stack export --show-secrets` (- is the standard input)")
    .option("--cluster <name>", "the EtcdPki, where the stack has several")
    .option("--identity <names...>", "only these members, proxies and components (default: all)", names, undefined)
    .option(
      "--layout <layout>",
      `${Object.values(MachineLayout).join(", ")}, or a template such as {identity}/{kind}-{part}.pem`,
      MachineLayout.Machine,
    )
    .option("--pkcs8", "also write each key in PKCS#8, for Java")
    .option("--combined", "also write each certificate and its key as one file, for HAProxy")
    .option("--config <texts...>", "also write what starts a program: flags, environment, etcd.yaml, systemd, …", names)
    .option(
      "--machine-directory <path>",
      "where the files are on the machine, for --config (default: the layout's own)",
    )
    .option("--etcd-version <version>", "the release of etcd, such as 3.6.16 (default: what every one since 3.4 knows)")
    .option("--advertise <member=host...>", "the host that others reach a member by (default: its first IP address)")
    .option("--client-port <port>", "default: 2379")
    .option("--peer-port <port>", "default: 2380")
    .option("--data-directory <path>", "default: /var/lib/etcd")
    .option("--cluster-token <token>", "default: by the names of the EtcdPki, its project and its stack")
    .option("--existing", "the member joins a running cluster (--initial-cluster-state=existing)")
    .option("--dry-run", "write nothing, and say what would change")
    .option("--json", "print JSON")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(files);

const names = (value: string, before: string[] = []) => [...before, ...value.split(",").filter(Boolean)];

async function files(options: Options): Promise<void> {
  const cluster = clusterIn(await exported(options), options.cluster);
  if (cluster.identities.length === 0)
    throw new Error(`EtcdPki ${JSON.stringify(cluster.name)} has issued nothing yet, so there are no files`);
  const chosen = identitiesIn(cluster, options.identity);
  const choice = choiceOf(options);
  refuse([
    ...layoutProblems("--layout", choice.layout),
    ...memberConfigProblems({ ...choice.config.member, ...onMachine(cluster, choice) }, optionOf),
  ]);
  refuse(configProblems(cluster, choice.config));
  const outcome = writeFiles(planFiles(cluster, chosen, choice), { dryRun: options.dryRun ?? false });
  report(outcome, options);
  if (options.dryRun && outcome.files.some(({ what }) => what !== "unchanged")) process.exitCode = 1;
}

async function exported({ stack, export: file }: Options): Promise<string> {
  if ((stack === undefined) === (file === undefined)) throw new Error("name what to read: --stack or --export");
  return file === undefined ? exportWithSecrets(stack ?? true) : readText(file);
}

function clusterIn(text: string, name: string | undefined): StackCluster {
  const pkis = pkisIn(text);
  const known = pkis.map(({ cluster }) => cluster).join(", ");
  if (pkis.length === 0) throw new Error("there is no EtcdPki in the stack; run pulumi up first");
  if (name === undefined && pkis.length > 1)
    throw new Error(`the stack has several EtcdPki; choose by --cluster: ${known}`);
  const pki = name === undefined ? pkis[0] : pkis.find(({ cluster }) => cluster === name);
  if (pki === undefined) throw new Error(`--cluster ${name}: the stack has no such EtcdPki; it has ${known}`);
  return clusterOf(pki);
}

function identitiesIn({ identities }: StackCluster, wanted: string[] | undefined): Identity[] {
  const known = identities.map(({ name }) => name);
  const missing = (wanted ?? []).filter((name) => !known.includes(name));
  refuse(missing.map((name) => `--identity ${name}: there is no such identity; there are ${known.join(", ")}`));
  return identities.filter(({ name }) => wanted?.includes(name) ?? true);
}

function choiceOf(options: Options): FilesChoice {
  const { layout, directory, machineDirectory = directory.startsWith("/") ? directory : undefined } = options;
  return {
    layout,
    directory,
    pkcs8: options.pkcs8 ?? false,
    combined: options.combined ?? options.config?.includes("haproxy") ?? false,
    config: {
      names: options.config ?? [],
      layout,
      machineDirectory,
      advertise: Object.fromEntries((options.advertise ?? []).map((each) => splitAtEquals(each))),
      member: {
        etcdVersion: options.etcdVersion,
        clientPort: numberOf(options.clientPort),
        peerPort: numberOf(options.peerPort),
        dataDirectory: options.dataDirectory,
        clusterToken: options.clusterToken,
        clusterState: options.existing ? "existing" : "new",
      },
    },
  };
}

const splitAtEquals = (text: string): [string, string] => {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

function refuse(problems: string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\netcd-pki: "));
}

// What only the texts of members need.
const onMachine = ({ gatewayCertificate }: StackCluster, { config }: FilesChoice) =>
  config.names.some((name) => memberConfigs.includes(name))
    ? { gatewayCertificate, directory: config.machineDirectory?.replaceAll("{identity}", "identity") }
    : {};

const optionOf = (argument: string) =>
  argument === "directory"
    ? "--machine-directory"
    : `--${argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function report(outcome: Outcome, options: Options): void {
  if (options.json) return print(json(outcome));
  const changed = outcome.files.filter(({ what }) => what !== "unchanged");
  if (changed.length > 0) print(table(columns, changed));
  const unchanged = outcome.files.length - changed.length;
  const counted = `${unchanged} of ${outcome.files.length} files were as they should be.`;
  print([...(options.dryRun ? ["Nothing was written."] : []), counted, ...inWords(outcome.consequences)].join("\n"));
}

const columns: Column<Outcome["files"][number]>[] = [
  ["FILE", ({ path }) => path],
  ["WHAT", ({ what }) => what],
  ["FOR", ({ identities }) => identities.join(", ")],
];
