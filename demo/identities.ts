/** A certificate and its key, as the stack outputs them. */
export interface Certificate {
  commonName: string;
  certPem: string;
  privateKeyPem: string;
  validUntil: string;
}

/** The outputs of the program in `certificates`. */
export interface Outputs {
  caBundlePem: string;
  members: Record<string, Certificate & { caBundlePem: string; peer: Certificate & { caBundlePem: string } }>;
  proxies: Record<string, Certificate & { upstream: Certificate }>;
  components: Record<string, Certificate>;
}

/** One certificate and whose it is. */
export interface Identity {
  name: string;
  kind: string;
  /** Its files are `<file>.pem` and `<file>-key.pem`. */
  file: string;
  certificate: Certificate;
}

/** Every certificate of the stack as a row. */
export function identities({ members, proxies, components }: Outputs): Identity[] {
  return [
    ...rows(members, "member"),
    ...Object.entries(members).map(([name, { peer }]) => ({
      name,
      kind: "member, peer",
      file: `${name}-peer`,
      certificate: peer,
    })),
    ...rows(proxies, "proxy"),
    ...Object.entries(proxies).map(([name, { upstream }]) => ({
      name,
      kind: "proxy, upstream",
      file: `${name}-upstream`,
      certificate: upstream,
    })),
    ...rows(components, "component"),
  ];
}

const rows = (certificates: Record<string, Certificate>, kind: string): Identity[] =>
  Object.entries(certificates).map(([name, certificate]) => ({ name, kind, file: name, certificate }));
