import type { EtcdPkiArgs } from "../args";
import { oneByOne } from "../authority/trust";
import type { IssuedRecord } from "./record";

// A member's HTTP gateway dials its own member: with the server certificate, or with a pair of its own if the member was
// started with --client-cert-file. So client usage may leave the server certificates only after a restart with that.

/** What is wrong with how the gateway is declared, a sentence each. */
export const gatewayArgumentsProblems = ({ gatewayCertificate, keepClientUsage, sharedAuthority }: EtcdPkiArgs) => [
  ...(gatewayCertificate && sharedAuthority
    ? [
        `gatewayCertificate and sharedAuthority exclude each other: with one pair on both ports, members connect to each ` +
          `other with it; leave one out`,
      ]
    : []),
  ...(keepClientUsage && !gatewayCertificate
    ? [`keepClientUsage is for a step to gatewayCertificate, which is not set; leave it out`]
    : []),
];

/** Whether the server certificate of a member may connect, too. */
export const connects = (record: IssuedRecord, path: string): boolean =>
  rowsOf(record).some((row) => row.path === path && (row.clientUsage === true || !hasGateway(record, path)));

/** Why client usage may not leave the server certificates yet, a sentence. */
export function gatewayProblems(last: IssuedRecord, next: IssuedRecord): string[] {
  const early = membersOf(last, next).filter(
    (path) => connects(last, path) && !connects(next, path) && !hasGateway(last, path),
  );
  if (early.length === 0) return [];
  return [
    `gatewayCertificate takes client usage from the server certificates of ${early.join(", ")}, with which their HTTP gateway ` +
      `dials them until they restart with --client-cert-file; first declare keepClientUsage: true beside it and restart ` +
      `${oneByOne}, with its new config; then leave keepClientUsage out`,
  ];
}

/** What an update changes of gateways, and who restarts, a sentence each. */
export function gatewayStages(last: IssuedRecord, next: IssuedRecord): string[] {
  const members = membersOf(last, next);
  const stage = (words: string, after: string, is: (path: string) => boolean, before = "nothing") => {
    const paths = members.filter(is);
    if (paths.length === 0) return [];
    return [`gateway: ${paths.join(", ")} ${words}. Restart before: ${before}. Restart after: ${after}`];
  };
  const withConfig = `${oneByOne}, with its new config`;
  return [
    ...stage(
      "get a pair for --client-cert-file",
      `${withConfig}; then leave keepClientUsage out`,
      (path) => !hasGateway(last, path) && hasGateway(next, path),
    ),
    ...stage(
      "have server certificates for serving only",
      "nothing",
      (path) => connects(last, path) && !connects(next, path),
      "whatever has not restarted with --client-cert-file",
    ),
    ...stage(
      "have no pair for --client-cert-file any more",
      `${withConfig}; leave the pair's files where they are until then`,
      (path) => hasGateway(last, path) && !hasGateway(next, path),
    ),
  ];
}

const rowsOf = ({ certificates }: IssuedRecord) => Object.values(certificates);

const hasGateway = (record: IssuedRecord, path: string) => rowsOf(record).some((row) => row.path === `${path}.gateway`);

/** The members that were there before and stay. */
const membersOf = (last: IssuedRecord, next: IssuedRecord): string[] => {
  const paths = (record: IssuedRecord) => rowsOf(record).flatMap(({ kind, path }) => (kind === "member" ? [path] : []));
  return paths(last).filter((path) => paths(next).includes(path));
};
