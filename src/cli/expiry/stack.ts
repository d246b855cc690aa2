import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { StackResource } from "../stack-resources";
import { nameIn, pkiType, resourcesIn, typeIn } from "../stack-resources";
import { couldNotRead, inText, part, together } from "./sources";
import type { Found, KnownToStack, Reading } from "./sources";

const bundles = ["caBundlePem", "memberCaBundlePem", "peerCaBundlePem"];

/**
 * The certificates of every `EtcdPki` in what `pulumi stack export` prints, those of authorities that it only trusts
 * among them. Its secrets stay encrypted, none is needed.
 */
export function inStack(source: string, text: string): Reading {
  const resources = resourcesIn(text);
  const reading = together([
    ...resources.filter(isCertificate).map((resource) => certificateOf(source, resource)),
    ...resources.filter(isPki).map((resource) => bundlesOf(source, resource)),
  ]);
  if (reading.found.length + reading.unreadable.length > 0) return reading;
  return { found: [], unreadable: [couldNotRead(source, new Error("there is no EtcdPki with certificates in it"))] };
}

/** What `pulumi stack export` prints of a stack, or of the selected one. */
export async function exportStack(stack: string | true): Promise<string> {
  const which = stack === true ? [] : ["--stack", stack];
  const flags = ["stack", "export", "--non-interactive", ...which];
  return (await promisify(execFile)("pulumi", flags, { maxBuffer: largestExportBytes })).stdout;
}

const largestExportBytes = 1024 * 1024 * 1024;

const isPki = ({ type }: StackResource) => type === pkiType;
const isCertificate = ({ type, parent }: StackResource) =>
  /^tls:.*:(LocallySignedCert|SelfSignedCert)$/.test(type) && typeIn(parent) === pkiType;

function certificateOf(source: string, { urn, parent = "", inputs, outputs }: StackResource): Reading {
  const name = nameIn(urn);
  const cluster = nameIn(parent);
  const { earlyRenewalHours: early } = inputs ?? {};
  const known: KnownToStack = {
    cluster,
    urn: parent,
    ...identityIn(cluster, name),
    earlyRenewalHours: typeof early === "number" ? early : undefined,
  };
  return part(`${name} in ${source}`, () => {
    const certPem = outputs?.["certPem"];
    if (typeof certPem !== "string") throw new Error("it is encrypted or not issued yet; a certificate is no secret");
    return inText(source, "stack", certPem).map((found) => ({ ...found, known }));
  });
}

// Logical names are a contract with every user's state (src/naming.ts). The kinds that a certificate cannot say itself.
const kinds = ["member", "peer", "gateway", "proxy", "upstream", "component"];

function identityIn(cluster: string, logicalName: string): Pick<KnownToStack, "kind" | "identity"> {
  const rest = logicalName.slice(cluster.length + 1);
  const kind = kinds.find((each) => rest === each || rest.startsWith(`${each}-`));
  return kind === undefined ? {} : { kind, identity: rest.slice(kind.length + 1) || kind };
}

function bundlesOf(source: string, { urn, outputs }: StackResource): Reading {
  const known = { cluster: nameIn(urn), urn };
  const texts = bundles.map((bundle) => outputs?.[bundle]).filter((text) => typeof text === "string");
  const found = (text: string): Found[] => inText(source, "stack", text).map((each) => ({ ...each, known }));
  return together(texts.map((text) => part(`the bundle of ${nameIn(urn)} in ${source}`, () => found(text))));
}
