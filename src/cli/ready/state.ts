import { X509Certificate } from "node:crypto";
import { logicalName } from "../../naming";
import type { AuthorityState, TrustRecord } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/reasons";
import type { KeyPair } from "./ask";
import type { StageName } from "./judge";
import type { Port } from "./members";
import type { Question, Questions } from "./questions";

interface Resource {
  urn: string;
  type: string;
  parent?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

const pkiType = "etcd-pki:index:EtcdPki";
const stashType = "pulumi:index:Stash";

/**
 * The questions that a stack's state holds, opened by Pulumi itself. Asked are the ports whose authority the stage
 * changes.
 *
 * @param pki The name of the `EtcdPki`, if there are several.
 */
export function fromState(text: string, stage: StageName, pki?: string): Questions {
  const { name, own } = clusterIn(resourcesIn(text), pki);
  const trust = recordOf<TrustRecord>(own, logicalName.trust(name));
  const issued = recordOf<IssuedRecord>(own, logicalName.issued(name));
  const concerned = (["client", "peer"] as const).filter((port) => isConcerned(trust[port], stage));
  if (concerned.length === 0)
    throw new Error(`EtcdPki ${JSON.stringify(name)} has nothing to ${stage}: ${trustText(trust)}`);
  const ports = concerned.map((port): [Port, Question] => [port, question(name, own, trust, port, stage)]);
  return {
    ports: Object.fromEntries(ports),
    required: concerned,
    clients: concerned.includes("client") ? clientsIn(issued) : [],
  };
}

function resourcesIn(text: string): Resource[] {
  const { deployment } = JSON.parse(text) as { deployment?: { resources?: Resource[] } };
  if (deployment?.resources === undefined)
    throw new Error("--state is no state of a stack; give what `pulumi stack export --show-secrets` prints");
  return deployment.resources.filter((resource) => !resource.delete);
}

function clusterIn(resources: Resource[], pki: string | undefined): { name: string; own: Resource[] } {
  const all = resources.filter(({ type, urn }) => type === pkiType && (pki === undefined || nameOf(urn) === pki));
  const [found] = all;
  if (found === undefined || all.length > 1)
    throw new Error(
      found === undefined
        ? `there is no EtcdPki${pki === undefined ? "" : ` ${JSON.stringify(pki)}`} in this state`
        : `there are several EtcdPki in this state; name one with --pki: ${all.map(({ urn }) => nameOf(urn)).join(", ")}`,
    );
  return { name: nameOf(found.urn), own: resources.filter(({ parent }) => parent === found.urn) };
}

const nameOf = (urn: string) => urn.split("::").slice(3).join("::");

function recordOf<Recorded>(own: Resource[], name: string): Recorded {
  const record = own.find(({ type, urn }) => type === stashType && nameOf(urn) === name);
  if (record === undefined) throw new Error(`the record ${name} is not in this state: run pulumi up first`);
  return opened(record.inputs?.["input"]) as Recorded;
}

const isConcerned = ({ generations, distrusted = [], crossSignedBy = {} }: AuthorityState, stage: StageName) =>
  stage === "retire" ? distrusted.length + Object.keys(crossSignedBy).length > 0 : generations.length > 1;

const trustText = (trust: TrustRecord) =>
  (["client", "peer"] as const)
    .map((port) => `on the ${port} port ${trust[port].generations.join(", ")} is trusted`)
    .join(", ");

function question(cluster: string, own: Resource[], trust: TrustRecord, port: Port, stage: StageName): Question {
  const generation = newGeneration(trust[port], stage, port);
  const newAuthority = authorityOf(cluster, own, port, generation);
  const newPair = pairOf(own, newAuthority);
  if (newPair === undefined)
    throw new Error(
      `generation ${JSON.stringify(generation)} of the ${port} port has signed nothing yet whose key is in this state, so ` +
        `there is nothing to ask with; sign a certificate with it and give --ca-file, --cert-file and --key-file`,
    );
  return { newAuthority, newPair };
}

function newGeneration({ generations, signing = "" }: AuthorityState, stage: StageName, port: Port): string {
  if (stage !== "sign") return signing;
  const others = generations.filter((name) => name !== signing);
  if (others.length !== 1)
    throw new Error(
      `the ${port} port trusts ${others.join(", ")} beside ${signing}, so which one signs next is not known`,
    );
  return others[0] as string;
}

// Whether it was made here or existed before, its certificate is kept under its name.
function authorityOf(cluster: string, own: Resource[], port: Port, generation: string): X509Certificate {
  const [side, name] = generation.startsWith("client:")
    ? (["client", generation.slice("client:".length)] as const)
    : ([port, generation] as const);
  const kept = own.find(
    ({ type, urn }) => type === stashType && nameOf(urn) === logicalName.generation(cluster, side, name),
  );
  const certPem = opened(kept?.outputs?.["output"]);
  if (typeof certPem !== "string")
    throw new Error(`the certificate of generation ${JSON.stringify(generation)} is not in this state`);
  return new X509Certificate(certPem);
}

const clientUsage = "1.3.6.1.5.5.7.3.2";

/** A pair of the generation that may be used by a client, with its cross certificates. The best has no hosts and no name. */
function pairOf(own: Resource[], authority: X509Certificate): KeyPair | undefined {
  const issued = own
    .filter(({ type }) => type.endsWith(":LocallySignedCert"))
    .map(({ urn, outputs }) => ({ name: nameOf(urn), certPem: String(opened(outputs?.["certPem"])) }))
    .map(({ name, certPem }) => ({ name, certificate: new X509Certificate(certPem) }));
  const crosses = issued.filter(
    ({ certificate }) => certificate.ca && certificate.publicKey.equals(authority.publicKey),
  );
  const candidates = issued
    .filter(({ certificate }) => !certificate.ca && certificate.verify(authority.publicKey))
    .filter(({ certificate }) => certificate.keyUsage?.includes(clientUsage))
    .flatMap(({ name, certificate }) => {
      const key = own.find(({ type, urn }) => type.endsWith(":PrivateKey") && nameOf(urn) === name);
      const privateKeyPem = opened(key?.outputs?.["privateKeyPem"]);
      return isKey(privateKeyPem) ? [{ certificate, privateKeyPem }] : [];
    })
    .sort((a, b) => named(a.certificate) - named(b.certificate));
  const [best] = candidates;
  if (best === undefined) return undefined;
  const file = [best, ...crosses].map(({ certificate }) => certificate.toString());
  return { certPem: file.join(""), privateKeyPem: best.privateKeyPem };
}

const named = ({ subjectAltName, subject }: X509Certificate) =>
  (subjectAltName === undefined ? 0 : 2) + (subject?.includes("CN=") ? 1 : 0);

function isKey(value: unknown): value is string {
  if (typeof value !== "string") return false;
  if (value.includes("PRIVATE KEY")) return true;
  throw new Error("the keys in this state are encrypted; export it with --show-secrets");
}

const clientKinds = ["component", "proxy"];

const clientsIn = ({ certificates }: IssuedRecord): string[] =>
  Object.values(certificates)
    .filter(({ kind }) => clientKinds.includes(kind))
    .map(({ path }) => /\["(.*)"\]/.exec(path)?.[1] ?? path)
    .sort();

const signature = "4dabf18193072939515e22adb298388d";

/** A value of the state. What is secret is a text of JSON there, or stays encrypted. */
function opened(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(signature in value)) return value;
  const { plaintext } = value as { plaintext?: string };
  return plaintext === undefined ? "" : JSON.parse(plaintext);
}
