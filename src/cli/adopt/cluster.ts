import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { openClient } from "../../rbac/client";
import type { Permission } from "../../rbac/permissions";
import { addressOf, certificatesAt } from "../endpoint";

/** What a live member shows at an address. */
export interface Shown {
  address: string;
  /** The host by which clients or peers reach it. */
  host: string;
  certificate: X509Certificate;
}

/** Users and roles as etcd holds them. */
export interface Held {
  /** Each user's roles. */
  users: Map<string, string[]>;
  /** Users that can log in by a password. */
  withPassword: string[];
  /** Each role's permissions. */
  roles: Map<string, Permission[]>;
  authentication: boolean;
  /** The hosts in the URLs that members advertise to each other. */
  peerHosts: string[];
}

/** What a running cluster adds to the files. */
export interface Cluster {
  endpoints: string[];
  shown: Shown[];
  /** Only where root asked. */
  held?: Held;
  /** A sentence for each address that could not be read. */
  unreadable: string[];
}

/** Who asks: root's certificate and key, and whom it trusts. */
export interface Administrator {
  caBundlePem: string;
  certPem: string;
  privateKeyPem: string;
}

/** Looks at each address and, as root, at users and roles. It changes nothing. */
export async function lookAt(endpoints: string[], administrator: Administrator | undefined): Promise<Cluster> {
  const asked = administrator && (await ask(endpoints, administrator));
  const cluster: Cluster = { endpoints, shown: [], unreadable: [], ...(asked && { held: asked.held }) };
  const addresses = new Set([...endpoints, ...(asked?.clientUrls ?? [])]);
  await Promise.all(
    [...addresses].map(async (address) => {
      try {
        const [certificate] = await certificatesAt(address);
        if (certificate) cluster.shown.push({ address, host: addressOf(address).host, certificate });
      } catch (error) {
        cluster.unreadable.push(`${address} could not be read: ${(error as Error).message}`);
      }
    }),
  );
  cluster.shown.sort((a, b) => (a.address < b.address ? -1 : 1));
  return cluster;
}

async function ask(endpoints: string[], administrator: Administrator): Promise<{ held: Held; clientUrls: string[] }> {
  const client = await openClient({ endpoints: endpoints.map(urlOf), ...administrator });
  try {
    const [users, roles, members] = [await client.users(), await client.roles(), await client.members()];
    const authentication = await client.authentication();
    const held: Held = {
      users: new Map(await Promise.all(users.map(async (user) => [user, await client.rolesOf(user)] as const))),
      roles: new Map(await Promise.all(roles.map(async (role) => [role, await client.permissionsOf(role)] as const))),
      withPassword: [],
      authentication,
      peerHosts: members.flatMap(({ peerURLs }) => peerURLs.filter(isHttps).map((url) => addressOf(url).host)),
    };
    // etcd tells only while authentication is on.
    if (authentication)
      for (const user of users) if ((await client.logIn(user, "")) !== "none") held.withPassword.push(user);
    return { held, clientUrls: members.flatMap(({ clientURLs }) => clientURLs.filter(isHttps)) };
  } finally {
    client.close();
  }
}

const isHttps = (url: string) => url.startsWith("https:");

function urlOf(address: string): string {
  const { host, port } = addressOf(address);
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether a certificate names a host among its hosts. Go, and so etcd, never takes a common name for one. */
export const names = (certificate: X509Certificate, host: string) =>
  (isIP(host) === 0 ? certificate.checkHost(host, { subject: "never" }) : certificate.checkIP(host)) !== undefined;
