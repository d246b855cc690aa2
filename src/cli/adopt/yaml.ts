import type { Declaration, Value } from "./declaration";
import { Reference } from "./declaration";

/** The program in Pulumi YAML, by file name. */
export function yamlProgram(declaration: Declaration, from: string): Record<string, string> {
  const { pki, components, rbac, secrets } = declaration;
  const config = Object.fromEntries(secrets.map(({ name }) => [name, { type: "string", secret: true }]));
  const all = { ...components.users, ...components.others };
  const resources: Record<string, Value> = {
    pki: { type: "etcd-pki:EtcdPki", name: "etcd", properties: { ...pki, components: all } },
    ...(rbac && {
      rbac: { type: "etcd-pki:EtcdRbac", name: "etcd", properties: { ...rbac, components: components.users } },
    }),
  };
  const text = [
    `# Written by etcd-pki adopt from ${from}. It is yours now: change it as you like.`,
    "name: etcd",
    "runtime: yaml",
    // Where `npm install etcd-pki` puts it.
    'packages: { etcd-pki: "./node_modules/etcd-pki" }',
    "description: The certificates of an etcd cluster",
    ...(secrets.length > 0 ? block({ config }, 0) : []),
    ...block({ resources, outputs: { caBundlePem: new Reference("output", "caBundlePem") } }, 0),
  ];
  return { "Pulumi.yaml": `${text.join("\n")}\n` };
}

/** Lines of a block mapping; what is short stands on one line. */
function block(value: Record<string, Value>, indent: number): string[] {
  const before = " ".repeat(indent);
  return Object.entries(value).flatMap(([name, item]) => {
    const start = `${before}${nameOf(name)}:`;
    if (!isBlock(item, start.length)) return [`${start} ${flow(item)}`];
    if (!Array.isArray(item)) return [start, ...block(item as Record<string, Value>, indent + 2)];
    return [start, ...item.map((each) => `${before}  - ${flow(each)}`)];
  });
}

const widthLimit = 110;

function isBlock(value: Value, indent: number): boolean {
  if (typeof value !== "object" || value instanceof Reference) return false;
  if (Array.isArray(value)) return flow(value).length + indent > widthLimit;
  const items = Object.values(value);
  const isDeep = items.some((item) => typeof item === "object" && !Array.isArray(item));
  return items.length > 0 && (isDeep || flow(value).length + indent > widthLimit);
}

// JSON's texts are YAML's.
function flow(value: Value): string {
  if (value instanceof Reference) return expression(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value.replaceAll("${", "$${"));
  if (typeof value !== "object") return JSON.stringify(value);
  const items = Object.entries(value).map(([name, item]) => `${nameOf(name)}: ${flow(item)}`);
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
}

const isPlainName = (name: string) =>
  /^[A-Za-z][\w.-]*$/.test(name) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(name);

const nameOf = (name: string) => (isPlainName(name) || name === "fn::readFile" ? name : JSON.stringify(name));

function expression({ kind, name }: Reference): string {
  if (kind === "file") return `{ fn::readFile: ${JSON.stringify(`./${name}`)} }`;
  return kind === "secret" ? `\${${name}}` : `\${pki.${name}}`;
}
