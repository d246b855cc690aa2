import { KeyFormat, Layout } from "./args";
import type { Rule } from "../shape";
import { anything, fields, input, isDeferred, oneOf, record, text } from "../shape";

const texts = record(text);

const secretFields = {
  certPem: input(anything),
  privateKeyPem: input(anything),
  privateKeyPkcs8Pem: input(anything),
  caBundlePem: input(anything),
  generation: input(text),
  name: text,
  namespace: input(anything),
  layout: oneOf(Layout),
  keyFormat: oneOf(KeyFormat),
  fileNames: fields({ caBundle: text, cert: text, privateKey: text, combined: text }),
  mountPath: text,
  labels: texts,
  annotations: texts,
};

/** What else an identity of `EtcdPki`'s holds: passed as it is, it brings this along. */
const alsoInIdentities = [
  ...["commonName", "validUntil", "renewFrom", "serialNumber", "leafChecksum", "bundleChecksum"],
  ...["peer", "gateway", "upstream", "files", "config"],
];

/** One Secret. A misspelt argument is told from what comes along with an identity. */
const secret: Rule = (path, value) => {
  if (isDeferred(value))
    return [
      `${path} is an output as a whole, as out of another stack; which Secrets there are must be plain, so pass its fields one ` +
        `by one: { certPem: x.certPem, privateKeyPem: x.privateKeyPem, caBundlePem: x.caBundlePem }`,
    ];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject) return fields(secretFields)(path, value);
  const own = Object.entries(value).filter(([name]) => !alsoInIdentities.includes(name));
  return fields(secretFields)(path, Object.fromEntries(own));
};

/** The shape of the arguments of an `EtcdSecrets`. */
export const shapeOf: Rule = fields({ namespace: input(anything), secrets: record(secret) });
