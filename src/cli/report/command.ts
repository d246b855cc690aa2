import type { Command } from "commander";
import { join } from "../expiry/facts";
import type { SourceOptions } from "../expiry/gather";
import { gather, sourcesBeside } from "../expiry/gather";
import { reportOn } from "../expiry/report";
import { read } from "../expiry/sources";
import { exportStack, inStack } from "../expiry/stack";
import { helpText, print, withoutKeys } from "../print";
import { pkiType, resourcesIn } from "../stack-resources";
import { publicMode, writeFile } from "../write-file";
import { reportData } from "./data";
import { page } from "./html/page";

interface Options extends SourceOptions {
  html: string;
}

const exitCodes = { 0: "the page is written, whatever it says; etcd-pki expiry judges by its exit code" };

const examples = [
  "etcd-pki report --stack prod --html etcd.html",
  "etcd-pki report --stack prod --endpoint https://10.0.0.1:2379 --html etcd.html",
  "pulumi stack export | etcd-pki report --export - --html /var/www/etcd.html",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("report")
    .description("Write one page: what ends next, what is wrong, and who may do what in a stack's etcd clusters.")
    .requiredOption("--html <file>", "the page to write; it loads nothing, and holds no key")
    .option("--stack [name]", "a stack of the Pulumi project in this folder (default: the selected one)")
    .option("--export <file>", "the output of `pulumi stack export` (- is the standard input)")
    .option("--file <paths...>", "also PEM files or folders of them")
    .option("--secrets <file>", "also the output of `kubectl get secrets --output json`")
    .option("--endpoint <addresses...>", "also live servers; their handshake is read. Port 2379 unless named")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(report);

async function report(options: Options): Promise<void> {
  const exported = await exportOf(options);
  const resources = resourcesIn(exported);
  if (!resources.some(({ type }) => type === pkiType))
    throw new Error("there is no EtcdPki in the stack; run pulumi up first");
  const sources = [{ name: "the stack", read: () => inStack("the stack", exported) }, ...sourcesBeside(options)];
  const { found, unreadable } = await gather(sources);
  const { joined, strangers } = join(found, false);
  const data = reportData(resources, reportOn(joined, unreadable, strangers, new Date()));
  const what = writeFile(options.html, withoutKeys(page(data)), publicMode);
  print(`${options.html}  ${what}`);
}

async function exportOf({ stack, export: file }: Options): Promise<string> {
  if ((stack === undefined) === (file === undefined)) throw new Error("name what to read: --stack or --export");
  return file === undefined ? exportStack(stack ?? true) : read(file);
}
