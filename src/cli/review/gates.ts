import type { Review } from "./facts";

/** What a pipeline can stop at. Each says whether it is in the review. */
export const gates: Record<string, (review: Review) => boolean> = {
  authority: ({ authority, hidden }) => authority.length + hidden.pki.length > 0,
  removal: ({ certificates, access, secrets }) =>
    certificates.some(({ change }) => change === "removed") ||
    access.some(({ change }) => change === "removed") ||
    secrets.some(({ operation }) => operation === "delete"),
  // The last step of a rotation, in which a key goes that was kept as distrusted, is none of these.
  key: ({ certificates, authority }) =>
    certificates.some(({ change, key }) => change === "renewed" && key !== "kept") ||
    authority.some(({ losesKey, isKept }) => losesKey && !isKept),
  permission: ({ access, authentication, passwords, hidden }) =>
    access.length + authentication.length + passwords.length + hidden.rbac.length > 0,
  restart: ({ restarts, hidden }) => restarts.length + hidden.pki.length > 0,
  refusal: ({ refusals }) => refusals.length > 0,
};

/** What is wrong with a list of gates, a sentence each. */
export const gateProblems = (names: string[]): string[] =>
  names
    .filter((name) => !Object.hasOwn(gates, name))
    .map((name) => `--fail-on names ${JSON.stringify(name)}; allowed are ${Object.keys(gates).join(", ")}`);

/** The gates that a review does not pass. */
export const closedGates = (review: Review, names: string[]): string[] => names.filter((name) => gates[name]?.(review));
