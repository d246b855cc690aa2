import { isIP } from "node:net";
import type { FilePaths, Program, SettingsForm } from "../../programs";
import { programs, settingsOf } from "../../programs";
import { combinedPath } from "./files";
import { fileName } from "./layouts";

/** The members' client URLs, by their names. */
export type Endpoints = Record<string, string>;

const upstreamProgram = "grpc-proxy-upstream";

/** The programs that a component can be, but for HAProxy, which takes certificate and key as one file. */
export const clientPrograms = Object.keys(programs).filter(
  (name) => programs[name]?.use === "client" && name !== upstreamProgram,
);

/** What points each program that a component can be at its files, by the program's name. */
export function componentConfig(files: FilePaths, endpoints: Endpoints): Record<string, string> {
  const urls = Object.values(endpoints);
  return {
    ...Object.fromEntries(clientPrograms.map((name) => [name, textOf(programs[name] as Program, files, urls)])),
    haproxy: haproxy(files, endpoints),
  };
}

/** What starts a grpc-proxy: the flags of `etcd grpc-proxy start`. It listens on the first of its hosts. */
export function proxyConfig(listening: FilePaths, upstream: FilePaths, host: string, endpoints: Endpoints) {
  const address = isIP(host) === 0 ? "0.0.0.0" : isIP(host) === 6 ? `[${host}]` : host;
  const flags = {
    ...settingsOf(programs[upstreamProgram] as Program, upstream, Object.values(endpoints)),
    ...settingsOf(programs["grpc-proxy-listen"] as Program, listening),
    "--listen-addr": `${address}:${proxyPort}`,
  };
  return { "grpc-proxy": lines("flags", flags) };
}

const proxyPort = 23790; // etcd's own default for --listen-addr

const textOf = (program: Program, files: FilePaths, urls: string[]) =>
  lines(program.form, settingsOf(program, files, urls));

const line: Record<SettingsForm, (name: string, value: string) => string> = {
  flags: (name, value) => `${name}=${value}`,
  environment: (name, value) => `${name}=${value}`,
  // The data of a ConfigMap.
  entries: (name, value) => `${name}: ${JSON.stringify(value)}`,
};

const lines = (form: SettingsForm, settings: Record<string, string>) =>
  ended(Object.entries(settings).map(([name, value]) => line[form](name, value)));

// HAProxy, "Configuration manual", the server options ssl, alpn, verify, ca-file and crt. Without ALPN etcd takes the
// connection for HTTP/1.1, and no gRPC gets through.
const haproxy = (files: FilePaths, endpoints: Endpoints) =>
  ended([
    "backend etcd",
    "    mode tcp",
    ...Object.entries(endpoints).map(
      ([name, url]) =>
        `    server ${fileName(name)} ${url.replace("https://", "")} ssl alpn h2 verify required ca-file ${files.caBundle} crt ${combinedPath(files)}`,
    ),
  ]);

const ended = (each: string[]) => each.map((text) => `${text}\n`).join("");
