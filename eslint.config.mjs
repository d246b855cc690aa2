import eslint from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

// The layers of DESIGN.md: which folder may import what.
const room = (files, ...patterns) => ({
  files,
  rules: {
    "@typescript-eslint/no-restricted-imports": ["error", { patterns }],
  },
});
const atRunTime = (group, message) => ({ group, message, allowTypeImports: true });
const noPulumi = atRunTime(["@pulumi/*"], "This file is pure: import Pulumi's types only.");
const noEtcd = { group: ["etcd3"], message: "Only src/rbac/client.ts imports etcd3." };
const noKubernetes = { group: ["@pulumi/kubernetes*"], message: "Only src/kubernetes imports it." };
const noTls = { group: ["@pulumi/tls*"], message: "Only src/pki imports it." };
const noUp = {
  group: ["../checks", "../etcd-pki", "../etcd-rbac", "../index"],
  message: "Rooms do not import what uses them.",
};
const not = (...rooms) => ({ group: rooms.map((name) => `**/${name}/**`), message: "Rooms do not import each other." });

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
    files: ["src/args.ts", "src/*-args.ts"],
    rules: { "jsdoc/require-jsdoc": ["error", { publicOnly: true, contexts: ["TSPropertySignature"] }] },
  },
  room(["src/*.ts"], noEtcd, noTls, noKubernetes),
  room(["src/pki/**"], noUp, noEtcd, noKubernetes, not("kubernetes", "rbac", "presets")),
  room(["src/kubernetes/**"], noUp, noEtcd, noTls, not("pki", "rbac", "presets")),
  room(["src/rbac/**"], noUp, noEtcd, noTls, noKubernetes, not("pki", "kubernetes", "presets")),
  room(["src/rbac/client.ts"], noUp, noTls, noKubernetes, not("pki", "kubernetes", "presets")),
  room(["src/presets/**"], noPulumi, noEtcd, not("pki", "kubernetes", "rbac")),
  room(
    [
      "src/checks.ts",
      "src/naming.ts",
      "src/args.ts",
      "src/pki/{checks,profiles,plan,hosts,keys,trust,renewal,reasons}.ts",
    ],
    noPulumi,
    noEtcd,
    noTls,
    noKubernetes,
  ),
  room(
    ["src/kubernetes/{layouts,config,plan,checks,labels}.ts"],
    noPulumi,
    noEtcd,
    noTls,
    not("pki", "rbac", "presets"),
  ),
  room(["src/rbac/{permissions,plan}.ts"], noPulumi, noEtcd, not("pki", "kubernetes", "presets")),
);
