import type { Facts } from "./facts";
import type { Restart } from "./restarts";

/** One line: whether it will run, who must restart and in which order, and how much changes. Empty: nothing of etcd changes. */
export function verdictOf(facts: Facts): string {
  if (facts.refusals.length > 0) return "Refused: nothing changes until what is refused is put right.";
  const counts = countsOf(facts);
  if (counts.length === 0 && facts.dangers.length === 0) return "";
  const sentences = [restartSentence(facts), ...(counts.length > 0 ? [capitalised(counts.join(", "))] : [])];
  return `${sentences.join(". ")}.`;
}

function restartSentence({ hidden, restarts, loadOnce }: Facts): string {
  if (hidden.pki.length > 0) return "Who must restart is not known";
  if (restarts.length > 0) return `After the update, restart ${restarts.map(restartText).join("; then ")}`;
  const clients = loadOnce.flatMap(({ names }) => names);
  return clients.length === 0
    ? "Nobody must restart"
    : `No member must restart; these clients must if they read their files only at start: ${namesText(clients, "clients")}`;
}

// As the paths of a few, or as the number of many.
const shownNames = 5;

const namesText = (names: string[], who: string) =>
  names.length === 0 ? `the ${who}` : names.length <= shownNames ? names.join(", ") : `${names.length} ${who}`;

const restartText = ({ who, names, how }: Restart) => `${namesText(names, who)}, ${how}`;

function countsOf({ certificates, authority, access, authentication, passwords, secrets }: Facts): string[] {
  const certificate = (change: string) => certificates.filter((each) => each.change === change).length;
  const counts: [number, string, string][] = [
    [certificate("renewed"), "certificate is issued anew", "certificates are issued anew"],
    [certificate("new"), "certificate is new", "certificates are new"],
    [certificate("removed"), "certificate goes", "certificates go"],
    [authority.length, "change of authority", "changes of authority"],
    [access.length + authentication.length + passwords.length, "change of access", "changes of access"],
    [secrets.length, "Secret changes", "Secrets change"],
  ];
  return counts.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`);
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
