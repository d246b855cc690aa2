import { createHash } from "node:crypto";

// Names of people's are wider than Kubernetes': etcd takes the user `system:kube-apiserver`, and no object or label is called so.

/** Whether Kubernetes takes a text as an object's name (RFC 1123, a subdomain). */
export const isObjectName = (name: string) =>
  name.length <= 253 && name.split(".").every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));

/** Whether Kubernetes takes a text as a label's value. */
export const isLabelValue = (value: string) =>
  value.length <= 63 && /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/.test(value);

/** A text as an object's name: itself where it fits, else what fits of it and the beginning of its SHA-256. */
export const objectName = (text: string) =>
  text === "" || isObjectName(text) ? text : derived(text.toLowerCase().replace(/[^a-z0-9]+/g, "-"), text, 253);

/** A text as a label's value: itself where it fits, else what fits of it and the beginning of its SHA-256. */
export const labelValue = (text: string) =>
  isLabelValue(text) ? text : derived(text.replace(/[^A-Za-z0-9._-]+/g, "-"), text, 63);

// The digits keep two texts apart that look alike without what does not fit.
function derived(readable: string, text: string, longest: number): string {
  const digits = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const begin = readable.replace(/^[^A-Za-z0-9]+/, "").slice(0, longest - digits.length - 1);
  return [begin.replace(/[^A-Za-z0-9]+$/, ""), digits].filter((part) => part !== "").join("-");
}
