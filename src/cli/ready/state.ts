import { X509Certificate } from "node:crypto";
import { logicalName } from "../../naming";
import type { AuthorityState, TrustRecord } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/record";
import type { StackPki } from "../files/stack";
import { pkisIn } from "../files/stack";
import type { StageName } from "./judge";
import type { Port } from "./members";
import { makeProbe } from "./probe";
import type { Question, Questions } from "./questions";

/**
 * The questions that a stack's state holds, opened by Pulumi itself. Asked are the ports whose authority the stage
 * changes.
 *
 * @param cluster The name of the `EtcdPki`, if there are several.
 */
export async function fromState(exported: string, stage: StageName, cluster?: string): Promise<Questions> {
  const pki = pkiIn(exported, cluster);
  const trust = pki.records[logicalName.trust(pki.cluster)] as TrustRecord | undefined;
  const issued = pki.records[logicalName.issued(pki.cluster)] as IssuedRecord | undefined;
  if (trust === undefined || issued === undefined)
    throw new Error(`EtcdPki ${JSON.stringify(pki.cluster)} has no complete update in this state; run pulumi up first`);
  const required = portsOf(trust).filter((port) => isConcerned(trust[port], stage));
  if (required.length === 0)
    throw new Error(`EtcdPki ${JSON.stringify(pki.cluster)} has nothing to ${stage}: ${trustText(trust)}`);
  const ports: Partial<Record<Port, Question>> = {};
  for (const port of required) ports[port] = await question(pki, trust[port], port, stage);
  return { ports, required, clients: required.includes("client") ? clientsIn(issued) : [] };
}

function pkiIn(exported: string, cluster: string | undefined): StackPki {
  const pkis = pkisIn(exported);
  const names = pkis.map((pki) => pki.cluster).join(", ");
  if (pkis.length === 0) throw new Error("there is no EtcdPki in the stack; run pulumi up first");
  if (cluster === undefined && pkis.length > 1)
    throw new Error(`the stack has several EtcdPki; choose by --cluster: ${names}`);
  const found = pkis.find((pki) => cluster === undefined || pki.cluster === cluster);
  if (found === undefined) throw new Error(`--cluster ${cluster}: the stack has no such EtcdPki; it has ${names}`);
  return found;
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

async function question(pki: StackPki, state: AuthorityState, port: Port, stage: StageName): Promise<Question> {
  const generation = newGeneration(state, stage, port);
  const name = nameOfGeneration(pki.cluster, port, generation);
  const certPem = pki.kept[name];
  const privateKeyPem = pki.keys[name]?.privateKeyPem;
  if (typeof certPem !== "string" || !privateKeyPem)
    throw new Error(
      `generation ${JSON.stringify(generation)} of the ${port} port was not made by this stack, so no certificate to ask ` +
        `with can be made; sign one with it and give --ca-file, --cert-file and --key-file`,
    );
  const newAuthority = new X509Certificate(certPem);
  const probe = await makeProbe(certPem, privateKeyPem);
  return { newAuthority, newPair: { ...probe, certPem: probe.certPem + crossCertificates(pki, newAuthority) } };
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

/** The certificates with which others signed the generation's key: its certificate files carry them. */
const crossCertificates = ({ certificates }: StackPki, authority: X509Certificate): string =>
  Object.values(certificates)
    .map((pem) => new X509Certificate(pem))
    .filter(({ ca, publicKey }) => ca && publicKey.equals(authority.publicKey))
    .join("");

const clientKinds = ["component", "proxy"];

const clientsIn = ({ certificates }: IssuedRecord): string[] =>
  Object.values(certificates)
    .filter(({ kind }) => clientKinds.includes(kind))
    .map(({ path }) => /\["(.*)"\]/.exec(path)?.[1] ?? path)
    .sort();
