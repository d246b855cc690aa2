import type { CertificateKind } from "../../naming";
import type { TrustRecord } from "../authority/trust";
import { defaultKeyAlgorithm } from "../keys";
import { leafValidityPeriodHours, staggeredEarlyRenewalHours } from "../lifetime";

/** What a certificate is made from, beside its key and authority. */
export interface Ingredients {
  keyAlgorithm: string;
  renewNow: string;
  rotateKey: string;
  /** Sorted, with a comma between them. */
  hosts: string;
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

/** What the state remembers of one certificate. What is a default is left out, since the state holds this twice. */
export interface CertificateRecord extends Partial<Ingredients> {
  /** Where the identity stands in the arguments. */
  path: string;
  kind: CertificateKind;
  /** When it ends, RFC 3339: a new one ends at another time. Unknown in the preview of the update that issues it. */
  validUntil: string;
  /** The generation that really signed it. */
  signedBy: string;
  /** A member's: that it may connect, too, although the member has a gateway certificate. */
  clientUsage?: boolean;
}

/** What the last complete update left behind. */
export interface IssuedRecord {
  trust: TrustRecord;
  /** By logical name. */
  certificates: Record<string, CertificateRecord>;
}

/** What is worth recording of a certificate's ingredients. */
export function withoutDefaults(name: string, ingredients: Ingredients): Partial<Ingredients> {
  const defaults = defaultsOf(name, ingredients.validityPeriodHours);
  return Object.fromEntries(
    Object.entries(ingredients).filter(([key, value]) => value !== defaults[key as keyof Ingredients]),
  );
}

/** A certificate's ingredients, with the defaults that the record leaves out. */
export const ingredientsOf = (name: string, own: Partial<Ingredients>): Ingredients => {
  const { validityPeriodHours: hours } = own;
  return { ...defaultsOf(name, typeof hours === "number" ? hours : leafValidityPeriodHours), ...own };
};

const defaultsOf = (name: string, validityPeriodHours: number): Ingredients => ({
  keyAlgorithm: defaultKeyAlgorithm,
  renewNow: "",
  rotateKey: "",
  hosts: "",
  validityPeriodHours: leafValidityPeriodHours,
  earlyRenewalHours: staggeredEarlyRenewalHours(name, validityPeriodHours),
});

/** What a record says of hosts that are a secret. */
export const secretHosts = "[secret]";
