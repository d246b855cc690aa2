import type { TrustRecord } from "../../../../src/pki/authority/trust";
import type { CertificateRecord, IssuedRecord } from "../../../../src/pki/certificate/record";
import { unknownValue } from "../../../../src/cli/review/preview";

// Steps as `pulumi preview --json` of Pulumi 3.260 prints them, cut down to what a review reads.

const pki = "etcd-pki:index:EtcdPki";
const urn = (types: string, name: string) => `urn:pulumi:prod::infra::${types}::${name}`;

export interface Step {
  op: string;
  urn: string;
  oldState?: object;
  newState?: object;
  replaceReasons?: string[];
  diffReasons?: string[];
}

export const previewOf = (steps: Step[], diagnostics: object[] = []) => JSON.stringify({ steps, diagnostics });

interface Halves {
  op: string;
  old?: object;
  next?: object;
  reasons?: string[];
}

export function step(type: string, name: string, { op, old, next, reasons }: Halves, parent = [pki, "etcd"]): Step {
  const state = (half: object) => ({ type, parent: urn(parent[0]!, parent[1]!), ...half });
  return {
    op,
    urn: urn(`${parent[0]}$${type}`, name),
    ...(old && { oldState: state(old) }),
    ...(next && { newState: state(next) }),
    ...(reasons && { replaceReasons: reasons }),
  };
}

const tls = {
  certificate: "locallySignedCert:LocallySignedCert",
  key: "privateKey:PrivateKey",
};
const end = "2027-11-25T03:12:20.704867972Z";

/** The step of a certificate; with its key's, if that is new. */
export function certificateSteps(name: string, op: string, reasons: string[] = [], isNewKey = false): Step[] {
  const old = op === "create" ? {} : { old: { outputs: { validityEndTime: end } } };
  const next =
    op === "delete"
      ? {}
      : { next: { inputs: { validityPeriodHours: 8760 }, outputs: { validityEndTime: unknownValue } } };
  return [
    step(`tls:index/${tls.certificate}`, name, { op, ...old, ...next, reasons }),
    ...(isNewKey ? [step(`tls:index/${tls.key}`, name, { op, ...(op === "create" ? {} : { old: {} }) })] : []),
  ];
}

const stash = "pulumi:index:Stash";
const halves = <Recorded>(last: Recorded | undefined, next: Recorded): Halves => ({
  op: last === undefined ? "create" : "update",
  ...(last !== undefined && { old: { inputs: { input: last } } }),
  next: { inputs: { input: next } },
});

/** The steps of both records. */
export const recordSteps = (last: IssuedRecord | undefined, next: IssuedRecord): Step[] => [
  step(stash, "etcd-trust", halves(last?.trust, next.trust)),
  step(stash, "etcd-issued", halves(last, next)),
];

const certificate = (
  path: string,
  kind: CertificateRecord["kind"],
  more: Partial<CertificateRecord> = {},
): CertificateRecord => ({
  path,
  kind,
  validUntil: end,
  signedBy: "1",
  ...more,
});

/** Three members, a proxy, two components, and what a test changes of them. */
export const record = (
  trust: Partial<TrustRecord> = {},
  changed: Record<string, Partial<CertificateRecord> | undefined> = {},
): IssuedRecord => {
  const all: Record<string, CertificateRecord> = {
    ...Object.fromEntries(
      ["etcd-1", "etcd-2", "etcd-3"].map((name) => [
        `etcd-member-${name}`,
        certificate(`members["${name}"]`, "member", { hosts: `${name}.example.com, 127.0.0.1` }),
      ]),
    ),
    "etcd-proxy-p": certificate('proxies["p"]', "proxy"),
    "etcd-component-app": certificate('components["app"]', "component"),
    "etcd-component-root": certificate('components["root"]', "component"),
  };
  for (const [name, change] of Object.entries(changed))
    if (change === undefined) delete all[name];
    else all[name] = { ...(all[name] ?? certificate(name, "member")), ...change };
  const one = { generations: ["1"], signing: "1" };
  return { trust: { client: one, peer: one, ...trust }, certificates: all };
};

const usersAndRoles = "pulumi-nodejs:dynamic/etcd:UsersAndRoles";

/** The step of users and roles. */
export const accessStep = (old: object | undefined, next: object | undefined, type = usersAndRoles): Step =>
  step(
    type,
    "etcd",
    {
      op: old === undefined ? "create" : next === undefined ? "delete" : "update",
      ...(old && { old: { inputs: old } }),
      ...(next && { next: { inputs: next } }),
    },
    ["etcd-pki:index:EtcdRbac", "rbac"],
  );
