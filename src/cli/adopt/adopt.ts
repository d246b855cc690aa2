import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { json, print } from "../print";
import { publicMode, writeFile } from "../write-file";
import type { Administrator, Cluster } from "./cluster";
import { lookAt } from "./cluster";
import type { Options } from "./command";
import type { Declaration } from "./declaration";
import { declarationOf } from "./declaration";
import { readFolder } from "./folder";
import type { Item } from "./inventory";
import { inventoryOf } from "./inventory";
import type { Role } from "./layouts";
import { findingsIn } from "./lint";
import { liveFindings } from "./live-lint";
import type { Adoption } from "./report";
import { rowsOf, summary } from "./report";
import { rightsOf } from "./rights";
import { typescriptProgram } from "./typescript";
import { yamlProgram } from "./yaml";

/** Looks at the folders and, if told, writes the program. */
export async function adopt(folders: string[], options: Options): Promise<void> {
  const write = writerOf(options.language);
  const read = folders.map(etcdFolder).map(readFolder);
  const inventory = inventoryOf(read, rolesIn(options.role ?? []), new Date());
  const cluster = await clusterOf(options, inventory.authority);
  const rights = cluster?.held && rightsOf(cluster.held);
  const findings = [
    ...findingsIn(inventory),
    ...(cluster ? liveFindings(inventory, cluster) : []),
    ...(rights?.findings ?? []),
  ];
  const declaration = declarationOf(inventory, cluster, rights);
  const isRefused = declaration === undefined || findings.some(({ severity }) => severity === "refused");
  const files = isRefused ? {} : { ...write(declaration, folders.join(", ")), ...declaration.files };
  const written = options.write === undefined ? [] : writeAll(options.write, files);
  const adoption: Adoption = {
    folders: read.map(({ path, layout }) => ({ path, layout: layout.name })),
    certificates: rowsOf(inventory),
    findings,
    unreadable: read.flatMap(({ unreadable }) => unreadable),
    files: isRefused ? [] : Object.keys(files).sort(),
    written,
    commands: isRefused ? [] : commandsFor(declaration, options),
  };
  print(options.json ? json(adoption) : summary(adoption, options.write));
  process.exitCode = isRefused ? 2 : findings.length + adoption.unreadable.length > 0 ? 1 : 0;
}

// /etc/kubernetes/pki is what people know by heart.
const etcdFolder = (path: string) => (existsSync(join(path, "etcd", "ca.crt")) ? join(path, "etcd") : path);

const roles: Role[] = ["authority", "member", "peer", "proxy", "component"];

function rolesIn(words: string[]): Record<string, Role> {
  return Object.fromEntries(
    words.map((word) => {
      const [file = "", name = ""] = word.split("=");
      const role = roles.find((each) => each === name);
      if (role === undefined) throw new Error(`--role is ${word}; give FILE=ROLE with one of ${roles.join(", ")}`);
      return [basename(file), role];
    }),
  );
}

type Writer = (declaration: Declaration, from: string) => Record<string, string>;

function writerOf(language: string): Writer {
  if (language === "yaml") return yamlProgram;
  if (language !== "typescript") throw new Error(`--language is ${language}; give typescript or yaml`);
  const manifest = readFileSync(join(__dirname, "../../../package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  return (declaration, from) => typescriptProgram(declaration, from, version);
}

async function clusterOf(options: Options, authority: Item | undefined): Promise<Cluster | undefined> {
  const { endpoint = [], certFile, keyFile, caFile } = options;
  if ((certFile === undefined) !== (keyFile === undefined)) throw new Error("give --cert-file and --key-file together");
  if (endpoint.length === 0) {
    if (certFile !== undefined) throw new Error("name a live member with --endpoint, where root can ask");
    return undefined;
  }
  const trusted = caFile === undefined ? authority?.certificate.toString() : readFileSync(caFile, "utf8");
  const administrator: Administrator | undefined =
    certFile !== undefined && keyFile !== undefined
      ? {
          caBundlePem: trusted ?? "",
          certPem: readFileSync(certFile, "utf8"),
          privateKeyPem: readFileSync(keyFile, "utf8"),
        }
      : undefined;
  return lookAt(endpoint, administrator);
}

// What is there and differs is somebody's work: the program of a run before, changed since.
function writeAll(folder: string, files: Record<string, string>): string[] {
  const other = Object.entries(files).filter(([name, content]) => {
    const path = join(folder, name);
    return existsSync(path) && readFileSync(path, "utf8") !== content;
  });
  if (other.length > 0) {
    const names = other.map(([name]) => name).join(", ");
    throw new Error(`${folder} has other files of these names: ${names}. Nothing was written; name another folder`);
  }
  if (Object.keys(files).length > 0) mkdirSync(folder, { recursive: true });
  return Object.entries(files)
    .filter(([name, content]) => writeFile(join(folder, name), content, publicMode) !== "unchanged")
    .map(([name]) => name)
    .sort();
}

const quoted = (path: string) => (/^[\w./@:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

function commandsFor({ secrets, rbac }: Declaration, { write, language }: Options): string[] {
  const packages = rbac === undefined ? "etcd-pki" : "etcd-pki etcd3";
  return [
    `cd ${quoted(write ?? "DIR")}`,
    language === "yaml" ? `npm install ${packages}` : "npm install",
    "pulumi stack init prod",
    ...secrets.map(({ name, path, isEncrypted }) =>
      isEncrypted
        ? `openssl pkey -in ${quoted(resolve(path))} | pulumi config set --secret ${name}`
        : `pulumi config set --secret ${name} < ${quoted(resolve(path))}`,
    ),
    "pulumi preview",
  ];
}
