import type { Command } from "commander";
import { Option } from "commander";
import { helpText, json, print } from "../print";
import { exportWithSecrets, readText } from "../read-stack";
import { ask } from "./ask";
import type { Asked, StageName } from "./judge";
import { judgeClients, judgeMember, stages } from "./judge";
import type { Port } from "./members";
import { memberAt, membersLeftOut, membersOf } from "./members";
import type { FileOptions, Question, Questions } from "./questions";
import { fromFiles, leafAlone, oldPairOf, questionProblems, withOld } from "./questions";
import { reportOf, text } from "./report";
import { fromState } from "./state";

interface Options extends FileOptions {
  for: StageName;
  endpoint?: string[];
  peerEndpoint?: string[];
  stack?: string | true;
  export?: string;
  cluster?: string;
  restarted?: string[];
  json?: true;
}

const notReady = 1;

const exitCodes = { 0: "the stage is safe", [notReady]: "somebody is missing, or something could not be proved" };

const examples = [
  "etcd-pki ready --for distrust --stack prod --restarted my-app,kube-apiserver \\",
  "    --endpoint https://10.0.0.1:2379,https://10.0.0.2:2379,https://10.0.0.3:2379",
  "etcd-pki ready --for sign --ca-file ca-2.pem --cert-file probe.pem --key-file probe-key.pem \\",
  "    --endpoint https://10.0.0.1:2379 --peer-endpoint https://10.0.0.1:2380 --client my-app --restarted my-app",
];

const list = (value: string, before: string[] = []) => [...before, ...value.split(",").filter(Boolean)];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("ready")
    .description("Ask the live members whether the next stage of a change of authority is safe.")
    .addOption(new Option("--for <stage>", "the stage").choices(Object.keys(stages)).makeOptionMandatory())
    .option("--endpoint <urls...>", "where every member listens for clients, such as https://10.0.0.1:2379", list)
    .option("--peer-endpoint <urls...>", "where every member listens for its peers", list)
    .option("--stack [name]", "a stack of the Pulumi project in this folder (default: the selected one)")
    .option("--export <file>", "the output of `pulumi stack export --show-secrets` (- is the standard input)")
    .option("--cluster <name>", "the EtcdPki, where the stack has several")
    .option("--ca-file <file>", "without a stack: the certificate of the new generation")
    .option("--cert-file <file>", "a certificate that it signed, to ask with; best one without common name and hosts")
    .option("--key-file <file>", "the key of that certificate")
    .option("--peer-ca-file <file>", "the same for the peer port (default: as for clients)")
    .option("--peer-cert-file <file>", "the same for the peer port")
    .option("--peer-key-file <file>", "the same for the peer port")
    .option("--old-cert-file <file>", "a certificate of the old generation, which members must refuse before retire")
    .option("--old-key-file <file>", "the key of that certificate")
    .option("--client <names...>", "who has got new files and reads them at start (default: all of the stack)", list)
    .option("--restarted <names...>", "which of them have restarted since", list)
    .option("--json", "print JSON")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(run);

async function run(options: Options): Promise<void> {
  const questions = await questionsOf(options);
  const asked = [
    ...(options.endpoint ?? []).map((address) => ({ address, port: "client" as const })),
    ...(options.peerEndpoint ?? []).map((address) => ({ address, port: "peer" as const })),
  ];
  refuseBadCall(questions, asked, options.restarted ?? []);
  const answers = await Promise.all(asked.map((each) => answersOf(options.for, each, questions)));
  const pairs = { client: questions.ports.client?.newPair, peer: questions.ports.peer?.newPair };
  const members = await membersOf(asked, pairs);
  const rows = answers.map((each) =>
    judgeMember(
      options.for,
      each,
      (questions.ports[each.port] as Question).newAuthority,
      memberAt(members ?? [], each.address, each.port)?.name ?? "",
    ),
  );
  const clients = judgeClients(questions.clients, options.restarted ?? []);
  const report = reportOf(options.for, rows, clients, gapsIn(members, asked));
  print(options.json ? json(report) : text(report));
  if (!report.isReady) process.exitCode = notReady;
}

async function questionsOf(options: Options): Promise<Questions> {
  const { for: stage, stack, export: file, cluster, client = [] } = options;
  if (stack === undefined && file === undefined) return fromFiles(options);
  const exported = file === undefined ? await exportWithSecrets(stack ?? true) : readText(file);
  const questions = withOld(await fromState(exported, stage, cluster), oldPairOf(options));
  return { ...questions, clients: [...new Set([...questions.clients, ...client])] };
}

function refuseBadCall({ ports, required, clients }: Questions, asked: { port: Port }[], restarted: string[]): void {
  const named = new Set(asked.map(({ port }) => port));
  const flags: Record<Port, string> = { client: "--endpoint", peer: "--peer-endpoint" };
  const unknown = restarted.filter((name) => !clients.includes(name));
  const problems = [
    ...(asked.length === 0 ? ["name every member: --endpoint, --peer-endpoint or both"] : []),
    ...[...named]
      .filter((port) => ports[port] === undefined)
      .map((port) => `${flags[port]} is given, and this stage changes nothing there`),
    ...required
      .filter((port) => !named.has(port))
      .map((port) => `the stage changes the ${port} port's authority, too; name ${flags[port]}`),
    ...[...named].flatMap((port) => (ports[port] ? questionProblems(port, ports[port]) : [])),
    ...(unknown.length > 0
      ? [`--restarted names ${unknown.join(", ")}, and the clients are ${clients.join(", ") || "none"}`]
      : []),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function answersOf(
  stage: StageName,
  { address, port }: { address: string; port: Port },
  { ports }: Questions,
): Promise<Asked> {
  const { newPair, oldPair } = ports[port] as Question;
  const [toNew, toNone, toOld] = await Promise.all([
    ask(address, stage === "retire" ? leafAlone(newPair) : newPair),
    ask(address, undefined),
    oldPair && ask(address, oldPair),
  ]);
  return { address, port, toNew, toNone, ...(toOld && { toOld }) };
}

function gapsIn(members: Awaited<ReturnType<typeof membersOf>>, asked: { address: string; port: Port }[]): string[] {
  if (members === undefined)
    return ["no member says which members the cluster has, so it is not known whether all were asked"];
  const ports = [...new Set(asked.map(({ port }) => port))];
  return ports.flatMap((port) =>
    membersLeftOut(members, asked, port).map(
      ({ name, clientURLs, peerURLs }) =>
        `member ${name} was not asked: name its ${port} port, ${(port === "client" ? clientURLs : peerURLs).join(", ")}`,
    ),
  );
}
