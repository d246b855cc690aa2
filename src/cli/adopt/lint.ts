import { basename } from "node:path";
import type { Inventory, Item } from "./inventory";
import { isSelfSigned } from "./inventory";

/** What is wrong or worth knowing, about one file or what a live member shows. */
export interface Finding {
  /** `refused`: no program is written, since its first update would break connections or cannot work. */
  severity: "refused" | "warning";
  /** The file, or the address. */
  subject: string;
  reason: string;
  remedy: string;
}

/** Looks at everything that was found. */
export function findingsIn(inventory: Inventory): Finding[] {
  const { items, authority, peerAuthority } = inventory;
  if (authority === undefined || peerAuthority === undefined) return [noAuthority];
  const authorities = [...new Set([authority, peerAuthority])];
  return [
    ...authorities.flatMap(authorityFindings),
    ...shared(inventory),
    ...items.filter((item) => item.role === "authority" && !authorities.includes(item)).map(idleAuthority),
    ...items.filter(({ role }) => role !== "authority").flatMap((item) => leafFindings(item, inventory)),
    ...items.flatMap(weakness),
    ...sameName(items),
  ];
}

const noAuthority: Finding = {
  severity: "refused",
  subject: "the folder",
  reason: "it holds no certificate authority",
  remedy: "copy the authority's certificate (ca.pem, ca.crt) beside the others",
};

/** One finding if something is so. */
const when = (is: boolean, severity: Finding["severity"], item: Item, reason: string, remedy: string): Finding[] =>
  is ? [{ severity, subject: item.path, reason, remedy }] : [];

function authorityFindings(item: Item): Finding[] {
  const { usages, pathLength, keyPath, daysLeft } = item;
  const lacking = usages.includes("any") ? [] : ["client", "server"].filter((usage) => !usages.includes(usage));
  return [
    ...when(
      item.key === "missing",
      "warning",
      item,
      "its key is not here, so it can be trusted but cannot sign",
      `put the key in ${basename(keyPath)}. Or go on without it: the program first publishes a bundle of this authority and a new generation "1"; deliver it, restart every member, and then set signing: "1"`,
    ),
    ...when(
      item.key === "of another certificate",
      "refused",
      item,
      `${basename(keyPath)} is not its key`,
      "find the key that fits: what another key signs, no member accepts",
    ),
    ...when(
      item.key === "encrypted",
      "warning",
      item,
      `${basename(keyPath)} is encrypted`,
      "the command below decrypts it on its way into the stack's secrets and asks for the passphrase",
    ),
    ...when(
      lacking.length > 0,
      "refused",
      item,
      `its extended key usages lack ${lacking.join(" and ")}, and Go's verifiers hold every certificate below it to them (etcd-io/etcd#16802)`,
      "issue the authority's certificate again for the same key and subject, without extended key usages",
    ),
    ...when(
      !item.signsCertificates || !item.isAuthority,
      "refused",
      item,
      "it does not say that it may sign certificates (CA:TRUE, and certificate sign if it has key usages)",
      "issue the authority's certificate again for the same key and subject, with both",
    ),
    ...when(
      item.hasNameConstraints,
      "warning",
      item,
      "it has name constraints",
      "hosts outside of them fail in every handshake: keep new hosts within, or change to a generation without",
    ),
    ...when(
      pathLength === 0,
      "warning",
      item,
      "its path length is 0, so it cannot cross-sign a new generation",
      "nothing now; a later change of the authority goes in three stages (trust, sign, distrust) with two restarts",
    ),
    ...when(
      !isSelfSigned(item.certificate),
      "warning",
      item,
      "another authority signed it",
      "the program makes members and clients trust this certificate itself: whoever the one above signs is no client of etcd then",
    ),
    ...when(daysLeft < 0, "refused", item, `it ended ${-daysLeft} days ago`, reissue),
    ...when(daysLeft >= 0 && daysLeft < endsSoonDays, "warning", item, `it ends in ${daysLeft} days`, reissue),
    ...when(
      item.isNotYetValid,
      "refused",
      item,
      "it is not valid yet",
      "compare this machine's clock with the others'",
    ),
  ];
}

const endsSoonDays = 180;
const leafEndsSoonDays = 30;
const reissue =
  "issue its certificate again for the same key (openssl x509 -in ca.pem -signkey ca-key.pem -days 3650 -out new-ca.pem), " +
  "put it in the old one's place everywhere and restart what trusts it; every certificate below it stays as it is";

function shared({ sharedWith, authority }: Inventory): Finding[] {
  if (sharedWith.length === 0) return [];
  return [
    {
      severity: "warning",
      subject: authority?.path ?? "",
      reason: `other systems have the same authority: ${sharedWith.join(", ")}. Whoever has a certificate of theirs is a client of etcd`,
      remedy: 'change to a generation of etcd\'s own later: generations: ["old", "1"], in stages',
    },
  ];
}

const idleAuthority = ({ path }: Item): Finding => ({
  severity: "warning",
  subject: path,
  reason: "it signed nothing that is here",
  remedy: "nothing: the program leaves it out",
});

function leafFindings(item: Item, { authority, peerAuthority }: Inventory): Finding[] {
  const { signer, role, daysLeft } = item;
  const expected = role === "peer" ? peerAuthority : authority;
  const serves = role === "member" || role === "peer";
  return [
    ...when(
      signer === undefined,
      serves ? "refused" : "warning",
      item,
      `no authority in the folder signed it; it names ${issuer(item)} as its issuer`,
      serves
        ? "copy the authority that signed it into the folder: the new certificates must come from the same one"
        : "nothing: the program leaves it out. Or copy the authority that signed it into the folder",
    ),
    ...when(
      signer !== undefined && signer !== expected,
      "refused",
      item,
      `${basename(signer?.path ?? "")} signed it, and ${basename(expected?.path ?? "")} the other ${role === "peer" ? "peers" : "members"}`,
      "take it out of the folder, or bring the cluster to one authority for servers and clients first",
    ),
    ...when(
      item.key === "of another certificate",
      "warning",
      item,
      `${basename(item.keyPath)} is not its key`,
      "nothing for the program, which makes a new pair; whoever uses this pair cannot connect",
    ),
    ...when(
      daysLeft < leafEndsSoonDays,
      "warning",
      item,
      daysLeft < 0 ? `it ended ${-daysLeft} days ago` : `it ends in ${daysLeft} days`,
      "the first update issues a new one",
    ),
    ...when(
      serves && item.hosts.length === 0,
      "refused",
      item,
      "it names no host",
      `if it is no ${role}'s, say so: --role ${basename(item.path)}=component`,
    ),
  ];
}

const issuer = ({ certificate }: Item) => JSON.stringify(certificate.issuer.split("\n").join(", "));

function weakness(item: Item): Finding[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = item.certificate.publicKey;
  const bits = details?.modulusLength ?? Infinity;
  const isRoot = item.role === "authority" && isSelfSigned(item.certificate);
  return [
    ...when(
      item.signatureHash === "SHA-1" && !isRoot,
      item.role === "authority" ? "refused" : "warning",
      item,
      "its signature is SHA-1, which etcd from 3.5 on refuses (Go 1.18)",
      item.role === "authority" ? "issue it again with SHA-256" : "the first update issues a new one with SHA-256",
    ),
    ...when(
      (type === "rsa" || type === "rsa-pss") && bits < 2048,
      "warning",
      item,
      `its RSA key has ${bits} bits, and OpenSSL and Go refuse fewer than 2048 by default or soon`,
      item.role === "authority"
        ? 'change to a new generation soon: generations: ["old", "1"]'
        : "the first update makes a new key",
    ),
  ];
}

function sameName(items: Item[]): Finding[] {
  const of = (role: Item["role"]) => groups(items.filter((item) => item.role === role));
  return [
    ...of("component").map(([name, paths]): Finding => ({
      severity: "warning",
      subject: paths,
      reason: `they have one common name, ${name}: etcd takes all of them for one user`,
      remedy: "the program declares one component; give each program a name of its own later",
    })),
    ...of("member").map(([name, paths]): Finding => ({
      severity: "warning",
      subject: paths,
      reason: `they have one common name, ${name}; the program names each member by its file, and so its new certificate`,
      remedy: "if the members run with --peer-cert-allowed-cn, allow the new names before the first update",
    })),
  ];
}

/** The names that several have, with their files. */
function groups(items: Item[]): [string, string][] {
  const names = new Set(items.map(({ commonName }) => commonName));
  return [...names].flatMap((name): [string, string][] => {
    const same = items.filter(({ commonName }) => commonName === name);
    return same.length < 2 ? [] : [[JSON.stringify(name), same.map(({ path }) => path).join(", ")]];
  });
}
