import type { Command } from "commander";
import { helpText } from "../print";
import type { Options } from "./options";

const exitCodes = {
  0: "the program was written, or would be",
  1: "the same, with warnings",
  2: "refused: the first update of such a program would break connections, so none is written",
};

const examples = [
  "etcd-pki adopt ./certs",
  "etcd-pki adopt /etc/kubernetes/pki/etcd --write ./etcd",
  "etcd-pki adopt /etc/ssl/etcd/ssl --endpoint https://10.0.0.1:2379 --write ./etcd --language yaml",
  "etcd-pki adopt ./certs --endpoint 10.0.0.1 --cert-file root.pem --key-file root-key.pem --write ./etcd",
];

/** Adds the subcommand. */
export const register = (program: Command) =>
  void program
    .command("adopt")
    .description(
      "Look at the certificates of a cluster that other tools made, and write the program that goes on with its " +
        "authority. A dry run unless --write names a folder. Keys are only compared: none is copied or printed.",
    )
    .argument(
      "<folders...>",
      "folders of cfssl, hack/tls-setup, kubeadm (pki/etcd) or kubespray, one or several machines'",
    )
    .option("--endpoint <addresses...>", "live members; what they show is compared with the files")
    .option("--cert-file <file>", "root's certificate: with it the cluster's users and roles are taken over, too")
    .option("--key-file <file>", "root's key")
    .option("--ca-file <file>", "who signed the members' certificates (default: the authority in the folder)")
    .option(
      "--role <file=role...>",
      "what a file is, if the guess is wrong: member, peer, proxy, component or authority",
    )
    .option("--write <folder>", "write the program into this folder")
    .option("--language <name>", "typescript or yaml", "typescript")
    .option("--json", "print JSON")
    .addHelpText("after", helpText(exitCodes, examples))
    .action(adopt);

// What reads certificates to their last extension is loaded when it is needed.
const adopt = (folders: string[], options: Options) =>
  (require("./adopt") as typeof import("./adopt")).adopt(folders, options);
