import { X509Certificate } from "node:crypto";
import type { Run, Step } from "../engine/engine";
import type { State } from "../engine/types";

/** What an update leaves behind, without keys. */
export interface Issued {
  /** The bundles, by who trusts them. */
  clients: string;
  members: string;
  peers: string;
  /** By where they stand in the arguments. */
  certificates: Record<string, { certPem: string; caBundlePem: string }>;
}

/** What is wrong after an update: who would refuse whom, what has ended, what was issued anew without a word. */
export function problemsAfter(run: Run, last: Issued | undefined, next: Issued, now: Date): string[] {
  const states = [last, next].flatMap((state) => state ?? []);
  // While an update rolls out, everybody may have what was before it or what comes with it.
  const refused = states.flatMap((issued) =>
    Object.entries(issued.certificates).flatMap(([path, { certPem }]) =>
      states
        .flatMap((trusting) => bundlesFor(path, trusting))
        .filter((bundle) => !isAccepted(certPem, bundle, now))
        .map(() => `${path} of ${issued === next ? "this" : "the last"} update is refused by a bundle`),
    ),
  );
  return [...refused, ...withoutReason(run)];
}

/**
 * What time alone changes beside renewals that say why: nothing but certificates of ended authorities, which the tls provider
 * replaces without effect.
 *
 * @param preview Of what the last update declared.
 */
export function changedByTime(preview: Run, { deployment }: State, now: Date): string[] {
  const ended = (deployment.resources ?? []).filter(
    ({ outputs }) => Date.parse(String(outputs?.["validityEndTime"])) <= now.getTime(),
  );
  const isRenewed = preview.steps.some(isRenewal);
  const others = preview.steps.filter(
    (step) =>
      step.op !== "same" &&
      !isRenewal(step) &&
      !(isRenewed && step.op === "update" && step.name === "etcd-issued") &&
      !(step.op === "replace" && ended.some(({ urn }) => urn === step.urn)),
  );
  return [...withoutReason(preview), ...others.map(({ op, type, name }) => `${op} ${type} ${name}`)];
}

// Peers check peers. On the client port members check whoever connects, and clients check members and proxies.
const bundlesFor = (path: string, { clients, members, peers }: Issued) =>
  path.endsWith(".peer") ? [peers] : [members, clients];

/** Whether a bundle leads to a certificate, through what comes with it in its file. */
export function isAccepted(certPem: string, bundlePem: string, now: Date): boolean {
  const [leaf, ...chain] = parsed(certPem);
  const anchors = parsed(bundlePem);
  const isValid = ({ validFrom, validTo }: X509Certificate) =>
    Date.parse(validFrom) <= now.getTime() && now.getTime() < Date.parse(validTo);
  const issues = (issuer: X509Certificate, own: X509Certificate) =>
    isValid(issuer) && own.checkIssued(issuer) && own.verify(issuer.publicKey);
  const reaches = (own: X509Certificate | undefined): boolean =>
    own !== undefined &&
    isValid(own) &&
    (anchors.some((anchor) => issues(anchor, own)) || reaches(chain.find((issuer) => issues(issuer, own))));
  return reaches(leaf);
}

const parsed = (pem: string) =>
  (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((one) => new X509Certificate(one));

/** Every certificate that a run issued anew without saying why. */
export function withoutReason({ steps, log }: Run): string[] {
  const said = [
    ...log.matchAll(/a new certificate for (.+?)(?: and (\d+) more)?: (?!what it is made from changed)/g),
  ].map(([, paths = "", more = "0"]) => ({ paths: paths.split(", "), more: Number(more) }));
  const listed = said.flatMap(({ paths }) => paths);
  const unlisted = steps.filter(isRenewal).filter(({ name }) => !listed.includes(pathOf(name)));
  return unlisted.length <= said.reduce((sum, { more }) => sum + more, 0)
    ? []
    : unlisted.map(({ name }) => `${name} is replaced without a reason`);
}

// Not of an authority.
const isRenewal = ({ op, type, name }: Step) =>
  op === "replace" && type.endsWith(":LocallySignedCert") && !/-ca-/.test(name);

function pathOf(logicalName: string): string {
  const [, kind = "", name = ""] = /^etcd-(member|peer|gateway|proxy|upstream|component)-(.*)$/.exec(logicalName) ?? [];
  const own: Record<string, string> = {
    member: `members["${name}"]`,
    peer: `members["${name}"].peer`,
    gateway: `members["${name}"].gateway`,
    proxy: `proxies["${name}"]`,
    upstream: `proxies["${name}"].upstream`,
    component: `components["${name}"]`,
  };
  return own[kind] ?? logicalName;
}
