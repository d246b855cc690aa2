import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComponentArgs, PermissionArgs } from "../../../src/args";
import type { Connection } from "../../../src/rbac/diagnosis";
import type { Engine, Project } from "../engine/engine";
import { writeProgram } from "../program";

/** What the program declares; a test changes it between two updates. */
export interface Declared {
  connection: Connection;
  components: Record<string, ComponentArgs>;
  roles?: Record<string, PermissionArgs[]>;
  options?: object;
}

/** Node.js; it reads from the file that DECLARED names. */
export const rbacProgram = `
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { EtcdRbac } = require("etcd-pki");
const { connection, options, ...declared } = JSON.parse(readFileSync(process.env.DECLARED, "utf8"));
const { endpoints, caBundlePem, certPem, privateKeyPem } = connection;
// The PEMs come as outputs, as from an EtcdPki.
const administrator = { certPem: pulumi.output(certPem), privateKeyPem: pulumi.secret(privateKeyPem) };
new EtcdRbac("etcd", { endpoints, caBundlePem: pulumi.output(caBundlePem), administrator, ...declared, ...options });
`;

export interface RbacProject extends Project {
  declare(declared: Declared): void;
}

/** A Pulumi project with one EtcdRbac. */
export async function openRbacProject(engine: Engine, name: string, declared: Declared): Promise<RbacProject> {
  const file = join(mkdtempSync(join(tmpdir(), "etcd-rbac-declared-")), "declared.json");
  const declare = (next: Declared) => writeFileSync(file, JSON.stringify(next), { mode: 0o600 });
  declare(declared);
  const project = await engine.open(writeProgram(`${name}-${engine.kind}`, rbacProgram), { env: { DECLARED: file } });
  return Object.assign(project, { declare });
}
