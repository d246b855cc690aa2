import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pulumiInstall } from "../pulumi-install";
import type { Declared } from "./rbac-project";
import { rbacProgram } from "./rbac-project";

/** A Pulumi program with one EtcdRbac in some language; several may share a folder, and one of them is active. */
export interface Program {
  directory: string;
  env: Record<string, string>;
  declare(declared: Declared): void;
  /** Makes it the one that runs in its folder. */
  activate(): void;
  /** Takes all but the project's settings away. */
  forget(): void;
}

const root = resolve(__dirname, "../../..");
const packages = { "etcd-pki": root };

function folder(name: string): { directory: string; declared: string; write: (file: string, content: string) => void } {
  const directory = join(root, ".build/programs", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const declared = join(mkdtempSync(join(tmpdir(), "etcd-rbac-declared-")), "declared.json");
  return { directory, declared, write: (file, content) => writeFileSync(join(directory, file), content) };
}

/** JSON is YAML. */
export async function yamlProgram(name: string): Promise<Program> {
  const { directory, declared, write } = folder(name);
  const project = { name, runtime: "yaml", packages };
  const program = ({ connection, options, ...others }: Declared) => {
    const { endpoints, caBundlePem, certPem, privateKeyPem } = connection;
    const administrator = { certPem, privateKeyPem: { "fn::secret": privateKeyPem } };
    const properties = { endpoints, caBundlePem, administrator, ...others, ...options };
    return { ...project, resources: { etcd: { type: "etcd-pki:EtcdRbac", properties } } };
  };
  return {
    directory,
    env: { DECLARED: declared },
    declare: (given) => write("Pulumi.yaml", JSON.stringify(program(given))),
    activate: () => undefined,
    forget: () => write("Pulumi.yaml", JSON.stringify(project)),
  };
}

const python = `
import json, os
import pulumi
import pulumi_etcd_pki as etcd_pki

with open(os.environ["DECLARED"]) as file:
    declared = json.load(file)
connection = declared.pop("connection")
etcd_pki.EtcdRbac(
    "etcd",
    endpoints=connection["endpoints"],
    ca_bundle_pem=connection["caBundlePem"],
    administrator={
        "cert_pem": connection["certPem"],
        "private_key_pem": pulumi.Output.secret(connection["privateKeyPem"]),
    },
    **declared,
)
`;

/** With its generated SDK; or the reason why this machine cannot have it. */
export async function pythonProgram(name: string): Promise<Program | string> {
  const { directory, declared, write } = folder(name);
  const runtime = { name: "python", options: { toolchain: "pip", virtualenv: ".venv" } };
  const activate = () => write("Pulumi.yaml", JSON.stringify({ name, runtime, packages }));
  activate();
  write("requirements.txt", "pulumi>=3.221.0,<4.0.0\nsdks/etcd-pki\n");
  write("__main__.py", python);
  const missing = await pulumiInstall(directory);
  if (missing !== undefined) return missing;
  return {
    directory,
    env: { DECLARED: declared },
    declare: (given) => writeFileSync(declared, JSON.stringify(given), { mode: 0o600 }),
    activate,
    forget: () => write("__main__.py", ""),
  };
}

/** The same project as another program's, in Node.js. */
export function nodeProgram({ directory, env }: Program): Program {
  const name = directory.split("/").at(-1)!;
  const write = (file: string, content: string) => writeFileSync(join(directory, file), content);
  return {
    directory,
    env,
    declare: (given) => writeFileSync(env["DECLARED"]!, JSON.stringify(given), { mode: 0o600 }),
    activate: () => {
      write("Pulumi.yaml", JSON.stringify({ name, runtime: { name: "nodejs", options: { typescript: false } } }));
      write("package.json", JSON.stringify({ name, private: true }));
      write("index.js", rbacProgram);
    },
    forget: () => write("index.js", ""),
  };
}
