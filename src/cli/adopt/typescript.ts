import type { Declaration, Value } from "./declaration";
import { Reference } from "./declaration";

/** The program in TypeScript and what a project of Pulumi's needs beside it, by file name. */
export function typescriptProgram(declaration: Declaration, from: string, version: string): Record<string, string> {
  return {
    "index.ts": indexOf(declaration, from),
    "Pulumi.yaml": "name: etcd\nruntime: nodejs\ndescription: The certificates of an etcd cluster\n",
    "package.json": `${JSON.stringify(packageOf(declaration, version), undefined, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(tsconfig, undefined, 2)}\n`,
  };
}

const packageOf = ({ rbac }: Declaration, version: string) => ({
  name: "etcd",
  private: true,
  dependencies: {
    "@pulumi/pulumi": "^3.221.0",
    "@pulumi/tls": "^5.3.0",
    ...(rbac && { etcd3: "^1.1.2" }),
    "etcd-pki": `^${version}`,
  },
  devDependencies: { "@types/node": "^20.19.0", typescript: "~5.9.3" },
});

const tsconfig = {
  compilerOptions: {
    target: "ES2022",
    module: "CommonJS",
    moduleResolution: "Node10",
    types: ["node"],
    strict: true,
    skipLibCheck: true,
  },
  files: ["index.ts"],
};

function indexOf({ pki, components, rbac, secrets }: Declaration, from: string): string {
  const { users, others } = components;
  const hasUsers = rbac !== undefined;
  const all = { ...users, ...others };
  const imports = ["type ComponentArgs", "EtcdPki", ...(hasUsers ? ["EtcdRbac"] : [])].join(", ");
  const lines = [
    `// Written by etcd-pki adopt from ${from}. It is yours now: change it as you like.`,
    'import { readFileSync } from "node:fs";',
    'import { join } from "node:path";',
    ...(secrets.length > 0 ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    `import { ${imports} } from "etcd-pki";`,
    "",
    ...(secrets.length > 0 ? ["const config = new pulumi.Config();"] : []),
    'const file = (name: string) => readFileSync(join(__dirname, name), "utf8");',
    "",
    ...(hasUsers
      ? [
          "// The users as etcd holds them: each is a component, whose name is its certificate's common name.",
          `const users: Record<string, ComponentArgs> = ${literal(users)};`,
          "",
          "// With those that have a certificate and are no users of etcd.",
          `const components: Record<string, ComponentArgs> = ${withSpread("users", others)};`,
        ]
      : [
          "// The clients: each name is a certificate's common name, and so a user of etcd.",
          `const components: Record<string, ComponentArgs> = ${literal(all)};`,
        ]),
    "",
    `const pki = new EtcdPki("etcd", ${withField(pki, "components")});`,
    "",
    ...(hasUsers ? [`new EtcdRbac("etcd", ${withField(rbac, "components: users")});`, ""] : []),
    "export const caBundlePem = pki.caBundlePem;",
  ];
  return `${lines.join("\n")}\n`;
}

const widthLimit = 110;

/** A value as TypeScript, on one line if it is short. */
export function literal(value: Value, indent = 0): string {
  const short = oneLine(value);
  if (short.length + indent <= widthLimit) return short;
  const [open, close, items] = Array.isArray(value)
    ? ["[", "]", value.map((item) => literal(item, indent + 2))]
    : ["{", "}", fields(value as Record<string, Value>, indent + 2)];
  const inside = " ".repeat(indent + 2);
  return [open, ...items.map((item) => `${inside}${item},`), `${" ".repeat(indent)}${close}`].join("\n");
}

const fields = (value: Record<string, Value>, indent: number) =>
  Object.entries(value).map(([name, item]) => `${nameOf(name)}: ${literal(item, indent)}`);

function oneLine(value: Value): string {
  if (value instanceof Reference) return expression(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const items = Object.entries(value).map(([name, item]) => `${nameOf(name)}: ${oneLine(item)}`);
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
}

const nameOf = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function expression({ kind, name }: Reference): string {
  if (kind === "secret") return `config.requireSecret(${JSON.stringify(name)})`;
  if (kind === "file") return `file(${JSON.stringify(name)})`;
  return `pki.${name.replace('["root"]', '["root"]!')}`;
}

const block = (lines: string[]) => ["{", ...lines.map((line) => `  ${line},`), "}"].join("\n");
const withField = (args: Record<string, Value>, field: string) => block([...fields(args, 2), field]);
const withSpread = (name: string, others: Record<string, Value>) =>
  Object.keys(others).length === 0 ? name : block([`...${name}`, ...fields(others, 2)]);
