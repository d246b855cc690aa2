import eslint from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

// The wings of DESIGN.md. A wing imports the ground and other wings' public faces, never their insides.
const rules = (files, ...patterns) => ({
  files,
  rules: {
    "@typescript-eslint/no-restricted-imports": ["error", { patterns }],
  },
});
const noPulumi = {
  group: ["@pulumi/*"],
  message: "This file is pure: import Pulumi's types only.",
  allowTypeImports: true,
};
const noEtcd = { group: ["etcd3"], message: "Only calls.ts, channel.ts and client.ts of src/rbac import etcd3." };
const noKubernetes = { group: ["@pulumi/kubernetes*"], message: "Only src/secrets imports it." };
const noTls = { group: ["@pulumi/tls*"], message: "Only src/pki imports it." };
const noUp = { group: ["../index", "../plugin"], message: "A wing does not import what uses it." };
const noWing = {
  group: ["./pki/**", "./secrets/**", "./rbac/**", "./presets/**", "./cli/**"],
  message: "The ground imports no wing.",
};

/** What each wing shows to the others. */
const FACES = {
  pki: [
    "args",
    "etcd-pki",
    "lifetime",
    "hosts",
    "machine",
    "authority/trust",
    "authority/stages",
    "certificate/record",
  ],
  secrets: ["args", "etcd-secrets"],
  rbac: ["args", "client", "coverage", "etcd-rbac", "permission-checks", "permissions"],
  presets: ["index"],
  cli: [],
};
// What is in a folder that is left out cannot be let in again: the folder must be, and then all else in it left out.
const folders = (wing) =>
  [...new Set(FACES[wing].filter((face) => face.includes("/")).map((face) => face.split("/")[0]))].flatMap((folder) => [
    `!**/${wing}/${folder}`,
    `**/${wing}/${folder}/*`,
  ]);
const notInside = (own) =>
  Object.keys(FACES)
    .filter((wing) => wing !== own)
    .map((wing) => ({
      group: [`**/${wing}/**`, ...folders(wing), ...FACES[wing].map((face) => `!**/${wing}/${face}`)],
      message: `Only the public face of ${wing} (${FACES[wing].join(", ")}).`,
    }));

export default tseslint.config(
  {
    ignores: ["**/dist/**", "**/node_modules/**", ".build/**", ".demo/**", "docs/api/**", "**/sdks/**", "**/.venv/**"],
  },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  {
    files: ["**/*.mjs", "**/*.js", "**/*.cjs"],
    languageOptions: { globals: { console: false, process: false, setInterval: false, clearInterval: false } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { jsdoc },
    rules: {
      "jsdoc/require-jsdoc": ["error", { publicOnly: true, contexts: ["TSInterfaceDeclaration"] }],
      "max-lines": ["error", 250],
      "@typescript-eslint/no-require-imports": "off",
    },
  },
  {
    files: ["src/args.ts", "src/*/args.ts"],
    rules: { "jsdoc/require-jsdoc": ["error", { publicOnly: true, contexts: ["TSPropertySignature"] }] },
  },
  rules(["src/*.ts"], noEtcd, noTls, noKubernetes),
  rules(["src/{args,naming,programs,refuse,shape,x509,pulumi}.ts"], noEtcd, noTls, noKubernetes, noWing),
  rules(["src/pki/**"], noUp, noEtcd, noKubernetes, ...notInside("pki")),
  rules(["src/secrets/**"], noUp, noEtcd, noTls, ...notInside("secrets")),
  rules(["src/rbac/**"], noUp, noEtcd, noTls, noKubernetes, ...notInside("rbac")),
  rules(["src/rbac/{calls,channel,client}.ts"], noUp, noTls, noKubernetes, ...notInside("rbac")),
  rules(["src/presets/**"], noUp, noPulumi, noEtcd, ...notInside("presets")),
  rules(["src/cli/**"], noUp, noPulumi, noEtcd, ...notInside("cli")),
  rules(["src/naming.ts", "src/args.ts", "src/programs.ts"], noPulumi, noEtcd, noTls, noKubernetes, noWing),
  rules(
    [
      "src/pki/{args,checks,hosts,keys,lifetime,plan,profiles,proxies}.ts",
      "src/pki/authority/{checks,constraints,existing,plan,stages,trust}.ts",
      "src/pki/certificate/{gateway,reasons,record}.ts",
      "src/pki/machine/*.ts",
    ],
    noPulumi,
    noEtcd,
    noTls,
    noKubernetes,
    ...notInside("pki"),
  ),
  rules(
    ["src/secrets/{certificates,checks,config,contents,labels,layouts,names,plan,published,shape}.ts"],
    noPulumi,
    noEtcd,
    noTls,
    ...notInside("secrets"),
  ),
  rules(
    ["src/rbac/{permissions,coverage,steps,plan,transition,logins,watches,cluster,checks}.ts"],
    noPulumi,
    noEtcd,
    ...notInside("rbac"),
  ),
);
