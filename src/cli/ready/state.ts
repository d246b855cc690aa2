import { X509Certificate } from "node:crypto";
import { logicalName } from "../../naming";
import type { AuthorityState, TrustRecord } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/reasons";
import type { StageName } from "./judge";
import type { Port } from "./members";
import { makeProbe } from "./probe";
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
export async function fromState(text: string, stage: StageName, pki?: string): Promise<Questions> {
  const { name, own } = clusterIn(resourcesIn(text), pki);
  const trust = recordOf<TrustRecord>(own, logicalName.trust(name));
  const issued = recordOf<IssuedRecord>(own, logicalName.issued(name));
  const concerned = portsOf(trust).filter((port) => isConcerned(trust[port], stage));
  if (concerned.length === 0)
    throw new Error(`EtcdPki ${JSON.stringify(name)} has nothing to ${stage}: ${trustText(trust)}`);
  const ports: Partial<Record<Port, Question>> = {};
  for (const port of concerned) ports[port] = await question(name, own, trust, port, stage);
  return {
    ports,
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

// With one authority for both ports, a member reads one bundle for both, and its client port can be asked by anybody.
const portsOf = ({ peer }: TrustRecord): Port[] =>
  peer.generations.every((name) => name.startsWith("client:")) ? ["client"] : ["client", "peer"];

const isConcerned = ({ generations, distrusted = [], crossSignedBy = {} }: AuthorityState, stage: StageName) =>
  stage === "retire" ? distrusted.length + Object.keys(crossSignedBy).length > 0 : generations.length > 1;

const trustText = (trust: TrustRecord) =>
  (["client", "peer"] as const)
    .map((port) => `on the ${port} port ${trust[port].generations.join(", ")} is trusted`)
    .join(", ");

async function question(
  cluster: string,
  own: Resource[],
  trust: TrustRecord,
  port: Port,
  stage: StageName,
): Promise<Question> {
  const generation = newGeneration(trust[port], stage, port);
  const name = nameOfGeneration(cluster, port, generation);
  const certPem = opened(own.find(isNamed(name, stashType))?.outputs?.["output"]);
  if (typeof certPem !== "string")
    throw new Error(`the certificate of generation ${JSON.stringify(generation)} is not in this state`);
  const privateKeyPem = keyOf(own, name, certPem);
  if (privateKeyPem === undefined)
    throw new Error(
      `the key of generation ${JSON.stringify(generation)} is not in this state, so no certificate to ask with can be made; ` +
        `sign one with it and give --ca-file, --cert-file and --key-file`,
    );
  const newAuthority = new X509Certificate(certPem);
  const probe = await makeProbe(certPem, privateKeyPem);
  return { newAuthority, newPair: { ...probe, certPem: probe.certPem + crossCertificates(own, newAuthority) } };
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

// A peer generation called `client:1` is one of the client authority's.
const nameOfGeneration = (cluster: string, port: Port, generation: string) =>
  generation.startsWith("client:")
    ? logicalName.generation(cluster, "client", generation.slice("client:".length))
    : logicalName.generation(cluster, port, generation);

const isNamed =
  (name: string, type: string) =>
  (resource: Resource): boolean =>
    resource.type.endsWith(type) && nameOf(resource.urn) === name;

const signedType = ":LocallySignedCert";

/** The key of a generation that was made here, or of an existing one that has signed something. */
function keyOf(own: Resource[], name: string, certPem: string): string | undefined {
  const signed = own.find(({ type, inputs }) => type.endsWith(signedType) && inputs?.["caCertPem"] === certPem);
  const key = own.find(isNamed(name, ":PrivateKey"))?.outputs?.["privateKeyPem"] ?? signed?.inputs?.["caPrivateKeyPem"];
  if (key === undefined) return undefined;
  const privateKeyPem = opened(key);
  if (typeof privateKeyPem === "string" && privateKeyPem.includes("PRIVATE KEY")) return privateKeyPem;
  throw new Error("the keys in this state are encrypted; export it with --show-secrets");
}

/** The certificates with which others signed the generation's key: its certificate files carry them. */
const crossCertificates = (own: Resource[], authority: X509Certificate): string =>
  own
    .filter(({ type, outputs }) => type.endsWith(signedType) && typeof outputs?.["certPem"] === "string")
    .map(({ outputs }) => new X509Certificate(String(outputs?.["certPem"])))
    .filter(({ ca, publicKey }) => ca && publicKey.equals(authority.publicKey))
    .join("");

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
