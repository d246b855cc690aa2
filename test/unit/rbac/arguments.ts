import type { PermissionArgs } from "../../../src/args";
import type { EtcdRbacArgs } from "../../../src/rbac/args";

/** Arguments with nothing wrong, but what is changed. */
export const args = (changes: object = {}): EtcdRbacArgs => ({
  endpoints: ["https://10.0.0.1:2379"],
  caBundlePem: "",
  administrator: { certPem: "", privateKeyPem: "" },
  components: { root: {} },
  ...changes,
});

export const withPermission = (one: unknown) => args({ components: { root: {}, app: { permissions: [one] } } });

export const app = (...permissions: PermissionArgs[]) => ({ permissions });

export const write = "readwrite" as const;
