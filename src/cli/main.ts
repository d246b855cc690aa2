#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { register as adopt } from "./adopt/command";
import { register as expiry } from "./expiry/command";
import { register as files } from "./files/command";
import { failed, printProblem } from "./print";
import { register as ready } from "./ready/command";
import { register as report } from "./report/command";
import { register as review } from "./review/command";

/** Every subcommand, in the order of `--help`. One adds itself to the program; what it needs to work it loads when it runs. */
const subcommands: ((program: Command) => void)[] = [adopt, review, files, ready, expiry, report];

const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };

function newProgram(): Command {
  const program = new Command("etcd-pki")
    .description("Review, deliver, take over and watch the certificates of an etcd cluster.")
    .version(version)
    .showHelpAfterError("(etcd-pki <command> --help shows what there is)")
    .exitOverride();
  for (const register of subcommands) register(program);
  return program;
}

newProgram()
  .parseAsync()
  .catch((error: Error) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : failed;
      return;
    }
    printProblem(error.message);
    process.exitCode = failed;
  });
