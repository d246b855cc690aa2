import type { X509Certificate } from "node:crypto";
import type { Answer } from "./ask";
import type { Port } from "./members";

/** A stage of a change of authority that one can be ready for. */
export const stages = {
  sign: "the new generation signs every certificate",
  distrust: "the old generation leaves the CA bundles",
  retire: "the old generation's cross certificate leaves the files, or its key is deleted",
} as const;
export type StageName = keyof typeof stages;

/** What one port of a member answered. */
export interface Asked {
  address: string;
  port: Port;
  /** To a certificate of the new generation. */
  toNew: Answer;
  /** To no certificate. */
  toNone: Answer;
  /** To a certificate of the old generation, where one was given. */
  toOld?: Answer;
}

/** What is known of one port of a member. */
export interface MemberRow {
  /** Empty if the cluster does not say. */
  member: string;
  address: string;
  port: Port;
  /** Whose certificate it shows: `new`, or its issuer's name. */
  shows: string;
  /** What it does with a certificate of the new generation. */
  acceptsNew: string;
  /** What is missing, a text each. Empty: ready. */
  missing: string[];
}

/** Judges one port. What cannot be proved counts as missing. */
export function judgeMember(stage: StageName, asked: Asked, newAuthority: X509Certificate, member: string): MemberRow {
  const { address, port, toNew, toNone, toOld } = asked;
  const shown = toNew.shown ?? toNone.shown;
  const showsNew = shown?.verify(newAuthority.publicKey) ?? false;
  const asksForNone = toNone.outcome === "accepted";
  return {
    member,
    address,
    port,
    shows: shown === undefined ? "" : showsNew ? "new" : shown.issuer.replaceAll("\n", ", "),
    acceptsNew: asksForNone ? "asks for none" : toNew.outcome === "accepted" ? "yes" : "no",
    missing: [
      ...(asksForNone || toNew.outcome === "accepted" ? [] : [refusal(toNew)]),
      ...(stage !== "sign" && shown !== undefined && !showsNew
        ? ["it still shows a certificate of another generation"]
        : []),
      ...(stage === "retire" && !asksForNone && toOld?.outcome === "accepted"
        ? ["it still accepts the old generation: restart it with the new CA bundle"]
        : []),
    ],
  };
}

const refusal = ({ outcome, reason }: Answer): string => {
  if (outcome === "unreachable") return `it cannot be reached: ${reason}`;
  if (outcome === "closed")
    return (
      `it ended the connection without a word: ${reason}; a member does so if the hosts of the certificate do not name ` +
      `this machine, so ask with a certificate that has no hosts`
    );
  return reason === "unknown ca" || reason === "bad certificate"
    ? `it refuses the new generation (${reason}): restart it with the new CA bundle`
    : `it refuses the certificate: ${reason}`;
};

/** What is known of a client. It cannot be asked whether it has read its files again. */
export interface ClientRow {
  client: string;
  isRestarted: boolean;
}

/** The clients, by what somebody says of them. */
export const judgeClients = (clients: string[], restarted: string[]): ClientRow[] =>
  clients.map((client) => ({ client, isRestarted: restarted.includes(client) }));
