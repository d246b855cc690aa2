import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, relative, resolve } from "node:path";
import { downloadEnvironment } from "./environment";
import { progress } from "./progress";
import { type Finished, run } from "./run";

const root = resolve(__dirname, "../..");
const lanes = join(root, ".build/lanes");
type Manifest = Record<"devDependencies" | "peerDependencies", Record<string, string>>;
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const peers = ["@pulumi/pulumi", "@pulumi/tls", "@pulumi/kubernetes"];
const versions = (of: (peer: string) => string | undefined) =>
  Object.fromEntries(peers.map((peer) => [peer, of(peer) ?? ""]));

/** Packages that a user may have beside this one, and the releases of Node.js that these run on. */
export interface Lane {
  packages: Record<string, string>;
  nodes: number[];
}

export const LANES: Record<string, Lane> = {
  oldest: { packages: versions((peer) => manifest.peerDependencies[peer]?.replace("^", "")), nodes: [20, 22, 24] },
  pinned: { packages: versions((peer) => manifest.devDependencies[peer]), nodes: [20, 22, 24] },
  // Pulumi 3.270 asks for Node.js 22.
  newest: {
    packages: { "@pulumi/pulumi": "3.270.0", "@pulumi/tls": "5.6.1", "@pulumi/kubernetes": "4.34.2" },
    nodes: [22, 24],
  },
};

/** What no test of a lane needs. */
const LEFT_OUT = /eslint|typedoc/;
const NOT_COPIED = /^(\.build|\.git|\.demo|dist|node_modules|package-lock\.json)$|\/(node_modules|sdks|\.venv)$/;

/** A copy of this checkout with the lane's packages, and its build. */
export async function openLane(name: string): Promise<string> {
  const folder = join(lanes, name);
  const { packages } = LANES[name]!;
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(root).filter((name) => !NOT_COPIED.test(name))) {
    rmSync(join(folder, entry), { recursive: true, force: true });
    cpSync(join(root, entry), join(folder, entry), { recursive: true, filter: (file) => !NOT_COPIED.test(file) });
  }
  const kept = Object.entries(manifest.devDependencies).filter(([dependency]) => !LEFT_OUT.test(dependency));
  const devDependencies = { ...Object.fromEntries(kept), ...packages };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, devDependencies }, null, 2));
  if (!isInstalled(folder, packages)) await npm(folder, "install", "--no-save");
  return folder;
}

const isInstalled = (folder: string, packages: Record<string, string>) =>
  Object.entries(packages).every(([name, version]) => {
    const installed = join(folder, "node_modules", name, "package.json");
    return existsSync(installed) && JSON.parse(readFileSync(installed, "utf8")).version === version;
  });

async function npm(folder: string, ...args: string[]): Promise<void> {
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const work = () => run("npm", [...args, ...flags], { cwd: folder, env: downloadEnvironment() });
  const { code, stderr } = await progress(`npm ${args.join(" ")} in ${relative(root, folder)}`, 30, work);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed in ${folder}:\n${stderr}`);
}

/** The folder with this release's `node`: of the one that runs, or from npm. */
export async function nodeFolder(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return join(process.execPath, "..");
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(lanes, `node-${major}`);
  const bin = join(folder, "node_modules", name, "bin");
  if (!existsSync(join(bin, "node"))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    await npm(folder, "install", `${name}@${major}`);
  }
  return bin;
}

/** Runs a command in a lane, with its release of Node.js first on PATH. */
export const inLane = (folder: string, node: string, command: string, args: string[]): Promise<Finished> =>
  run(command, args, {
    cwd: folder,
    env: downloadEnvironment({ PATH: [node, process.env["PATH"]].join(delimiter), TEST_STAND_IN_ONLY: "yes" }),
  });
