import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { X509Certificate } from "node:crypto";
import { certificatesIn } from "../../x509";

/** What only the stack knows of a certificate. It holds for the same certificate wherever else it is found. */
export interface KnownToStack {
  /** The name of its `EtcdPki`. */
  cluster: string;
  /** The URN of its `EtcdPki`: two stacks may have an `EtcdPki` of one name. */
  urn: string;
  /** `member`, `peer`, …; nothing for an authority. */
  kind?: string | undefined;
  identity?: string | undefined;
  /** How long before its end the renewal window opens; nothing for an authority, which never renews. */
  earlyRenewalHours?: number | undefined;
}

/** A certificate, and where it was found. */
export interface Found {
  source: string;
  place: "stack" | "file" | "secret" | "endpoint";
  certificate: X509Certificate;
  known?: KnownToStack;
  /** Whether it counts only if an authority that is known signed it: nobody named it, it came with many others. */
  perhapsStrange?: boolean;
}

/** What one source holds, and a sentence for each part of it that could not be read. */
export interface Reading {
  found: Found[];
  unreadable: string[];
}

/** Reads a part of a source. If that fails, the rest of the source counts all the same. */
export function part(name: string, read: () => Found[]): Reading {
  try {
    return { found: read(), unreadable: [] };
  } catch (error) {
    return { found: [], unreadable: [couldNotRead(name, error as Error)] };
  }
}

/** Why something is missing in the report. */
export const couldNotRead = (name: string, error: Error) => `${name} could not be read: ${error.message}`;

/** Several readings as one. */
export const together = (readings: Reading[]): Reading => ({
  found: readings.flatMap(({ found }) => found),
  unreadable: readings.flatMap(({ unreadable }) => unreadable),
});

/** The certificates in a PEM file, or in each PEM file of a folder; a folder's keys and requests are passed over. */
export function inPath(path: string): Reading {
  if (path === "-" || !statSync(path).isDirectory()) return part(path, () => needed(inText(path, "file", read(path))));
  const files = readdirSync(path)
    .filter((name) => /\.(pem|crt|cer|cert)$/.test(name))
    .sort()
    .map((name) => join(path, name));
  const readings = together(files.map((file) => part(file, () => inText(file, "file", read(file)))));
  if (readings.found.length + readings.unreadable.length === 0)
    throw new Error("no file in it that ends with .pem, .crt, .cer or .cert holds a certificate");
  return readings;
}

/** The certificates in a text. */
export const inText = (source: string, place: Found["place"], text: string): Found[] =>
  certificatesIn(text).map((certificate) => ({ source, place, certificate }));

/** A file's content; `-` is the standard input. */
export const read = (path: string) => readFileSync(path === "-" ? 0 : path, "utf8");

function needed(found: Found[]): Found[] {
  if (found.length === 0) throw new Error("there is no certificate in it");
  return found;
}

interface Secret {
  metadata?: { namespace?: string; name?: string; labels?: Record<string, string> };
  data?: Record<string, string>;
}

// As src/secrets labels what it writes.
const clusterLabel = "etcd-pki/cluster";

/**
 * The certificates in what `kubectl get secrets --output json` prints, be it one Secret or a list. Those of a Secret without
 * our label are perhaps a stranger's, such as a web server's: one of them that cannot be read is nobody's business.
 */
export function inSecrets(text: string, all: boolean): Reading {
  const parsed = JSON.parse(text) as Secret & { items?: Secret[] };
  const secrets = parsed.items ?? [parsed];
  return together(
    secrets.map(({ metadata, data }) => {
      const name = `secret ${metadata?.namespace}/${metadata?.name}`;
      const perhapsStrange = metadata?.labels?.[clusterLabel] === undefined;
      const readings = Object.entries(data ?? {}).map(([key, value]) => {
        const source = `${name} ${key}`;
        const content = () => Buffer.from(value, "base64").toString();
        return part(source, () => inText(source, "secret", content()).map((each) => ({ ...each, perhapsStrange })));
      });
      const { found, unreadable } = together(readings);
      return { found, unreadable: perhapsStrange && !all ? [] : unreadable };
    }),
  );
}
