import type { Facts } from "./facts";

/** What is lost or breaks if the update runs, a sentence each without its full stop. */
export function dangersOf(facts: Omit<Facts, "dangers">): string[] {
  return [
    ...facts.hidden.pki.map(unreadable),
    ...facts.hidden.rbac.map(secret),
    ...facts.authority
      .filter(({ losesKey }) => losesKey)
      .map(({ cluster, side, words }) => `${quoted(cluster)}, ${side} port: ${words}`),
    ...facts.authentication.map(({ component, to }) =>
      to
        ? `${quoted(component)}: authentication is turned on, and whoever is no user of etcd's is refused from then on`
        : `${quoted(component)}: authentication is turned off, and every client may do everything`,
    ),
    ...facts.secrets
      .filter(({ operation }) => operation === "replace" || operation === "delete")
      .map(({ secret, operation }) =>
        operation === "replace"
          ? `Secret ${secret} is replaced, so it is missing for a moment`
          : `Secret ${secret} is deleted`,
      ),
  ];
}

const unreadable = (cluster: string) =>
  `${quoted(cluster)}: the record of what was issued cannot be read (it is secret, or another version wrote it), so ` +
  `stages and restarts are not known`;

const secret = (component: string) =>
  `${quoted(component)}: users and roles are secret in this preview, so what changes is not known`;

const quoted = (name: string) => JSON.stringify(name);
