import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A certificate as people make one by hand. */
export interface HandMade {
  /** Where certificate and key go. */
  cert: string;
  key: string;
  commonName: string;
  /** Default: 365. Negative: it has ended. */
  days?: number;
  hosts?: string[];
  /** Extended key usages, in OpenSSL's words. Default: none, any use. */
  usages?: string[];
  /** Further lines of extensions, such as `nameConstraints=permitted;DNS:example.com`. */
  extensions?: string[];
  /** Default: an EC key on P-256. */
  newKey?: string[];
  /** Default: sha256. */
  digest?: string;
  /** Who signs it. Default: it signs itself, as an authority. */
  signer?: { cert: string; key: string };
}

const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] }).toString();

const p256 = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const authority = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/** Makes a key and its certificate with OpenSSL. */
export function handMade(wanted: HandMade): void {
  const { cert, key, commonName, days = 365, hosts = [], usages = [], newKey = p256, digest = "sha256" } = wanted;
  const { signer, extensions = signer ? [] : authority } = wanted;
  mkdirSync(dirname(cert), { recursive: true });
  const names = hosts.map((host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`));
  const lines = [
    ...extensions,
    ...(usages.length > 0 ? [`extendedKeyUsage=${usages.join(",")}`] : []),
    ...(names.length > 0 ? [`subjectAltName=${names.join(",")}`] : []),
  ];
  const [request, extensionFile] = [`${cert}.csr`, `${cert}.ext`];
  writeFileSync(extensionFile, ["[ext]", "subjectKeyIdentifier=hash", ...lines, ""].join("\n"));
  const subject = commonName === "" ? "/O=etcd" : `/CN=${commonName}`;
  openssl("req", "-new", "-newkey", ...newKey, "-nodes", "-keyout", key, "-out", request, "-subj", subject);
  const by = signer ? ["-CA", signer.cert, "-CAkey", signer.key, "-CAcreateserial"] : ["-signkey", key];
  const made = ["-days", String(days), `-${digest}`, "-extfile", extensionFile, "-extensions", "ext", "-out", cert];
  openssl("x509", "-req", "-in", request, ...by, ...made);
  [request, extensionFile].forEach((path) => rmSync(path));
}

/** A certificate's text. */
export const pemOf = (path: string) => readFileSync(path, "utf8");
