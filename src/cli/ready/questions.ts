import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { KeyPair } from "./ask";
import type { Port } from "./members";

/** What to ask one port with. */
export interface Question {
  /** The certificate of the new generation. */
  newAuthority: X509Certificate;
  /** A certificate that it signed, and what comes after it in its file. */
  newPair: KeyPair;
  /** A certificate of the old generation, which must be refused in the end. */
  oldPair?: KeyPair;
}

/** What to ask, and who must have restarted. */
export interface Questions {
  ports: Partial<Record<Port, Question>>;
  /** The ports that must be asked. */
  required: Port[];
  /** Who holds files that cannot be asked for. */
  clients: string[];
}

/** The files that hold it. */
export interface FileOptions {
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  peerCaFile?: string;
  peerCertFile?: string;
  peerKeyFile?: string;
  oldCertFile?: string;
  oldKeyFile?: string;
  client?: string[];
}

/** The questions that files hold. What is not given for the peer port is the client port's. */
export function fromFiles(options: FileOptions): Questions {
  const { caFile, certFile, keyFile, client = [] } = options;
  if (!caFile || !certFile || !keyFile)
    throw new Error("name what to ask with: --stack, --export, or --ca-file, --cert-file and --key-file");
  if ((options.peerCertFile === undefined) !== (options.peerKeyFile === undefined))
    throw new Error("--peer-cert-file and --peer-key-file belong together");
  const question = (ca: string, cert: string, key: string): Question => ({
    newAuthority: new X509Certificate(readFileSync(ca)),
    newPair: pairIn(cert, key),
  });
  const peer = question(options.peerCaFile ?? caFile, options.peerCertFile ?? certFile, options.peerKeyFile ?? keyFile);
  const ports = { client: question(caFile, certFile, keyFile), peer };
  return withOld({ ports, required: [], clients: client }, oldPairOf(options));
}

/** A certificate of the old generation, if files hold one. */
export function oldPairOf({ oldCertFile, oldKeyFile }: FileOptions): KeyPair | undefined {
  if ((oldCertFile === undefined) !== (oldKeyFile === undefined))
    throw new Error("--old-cert-file and --old-key-file belong together");
  return oldCertFile && oldKeyFile ? pairIn(oldCertFile, oldKeyFile) : undefined;
}

/** The same questions, asked with the old certificate as well. */
export function withOld(questions: Questions, oldPair: KeyPair | undefined): Questions {
  if (oldPair === undefined) return questions;
  const ports = Object.entries(questions.ports).map(([port, question]) => [port, { ...question, oldPair }]);
  return { ...questions, ports: Object.fromEntries(ports) };
}

const pairIn = (certFile: string, keyFile: string): KeyPair => ({
  certPem: readFileSync(certFile, "utf8"),
  privateKeyPem: readFileSync(keyFile, "utf8"),
});

/** What is wrong with a question, a sentence each: asked so, every answer would mean something else. */
export function questionProblems(port: Port, { newAuthority, newPair, oldPair }: Question): string[] {
  const isSigned = (pair: KeyPair) => new X509Certificate(pair.certPem).verify(newAuthority.publicKey);
  return [
    ...(isSigned(newPair) ? [] : [`the certificate to ask the ${port} port with is not signed by the new generation`]),
    ...(oldPair && isSigned(oldPair) ? ["the certificate of --old-cert-file is signed by the new generation"] : []),
    ...(new Date(new X509Certificate(newPair.certPem).validTo) < new Date()
      ? [`the certificate to ask the ${port} port with has expired`]
      : []),
  ];
}

/** The pair without cross certificates: whoever accepts it trusts the new generation itself. */
export const leafAlone = ({ certPem, privateKeyPem }: KeyPair): KeyPair => ({
  certPem: new X509Certificate(certPem).toString(),
  privateKeyPem,
});
