// Logical names are a contract with every user's state: a changed name replaces the key behind it.

/** Everything that gets a certificate of the authority's; a proxy gets two. */
export type CertificateKind = "member" | "proxy" | "upstream" | "component";

/** The logical names of one `EtcdPki`: of a generation, and of each kind of certificate; and of one `EtcdSecrets`. */
export const logicalName = {
  trust: (cluster: string) => `${cluster}-trust`,
  issued: (cluster: string) => `${cluster}-issued`,
  generation: (cluster: string, generation: string) => `${cluster}-ca-${generation}`,
  member: (cluster: string, member: string) => `${cluster}-member-${member}`,
  proxy: (cluster: string, proxy: string) => `${cluster}-proxy-${proxy}`,
  upstream: (cluster: string, proxy: string) => `${cluster}-upstream-${proxy}`,
  sharedUpstream: (cluster: string) => `${cluster}-upstream`,
  component: (cluster: string, component: string) => `${cluster}-component-${component}`,
  /** Of the `EtcdSecrets`, which is the parent. */
  secret: (component: string, secret: string) => `${component}-secret-${secret}`,
  published: (component: string) => `${component}-published`,
};

/** The common name of a generation's certificate. One for each generation, so that a chain names its authority. */
export const authorityCommonName = (cluster: string, generation: string) => `${cluster}-ca-${generation}`;
