import type { ComponentArgs } from "../args";

/** Which Calico a preset is for. */
export interface CalicoArgs {
  /**
   * Calico's version, as `3.32` or `v3.32.1`, at least 3.9. Default: none, and the permissions are the documented table.
   * With a version they are what its code needs.
   */
  version?: string;
}

/** Where a program keeps its keys. */
export interface PrefixArgs {
  /** The program's own argument for it, which each preset names. Default: the program's own. */
  prefix?: string;
}

/** A component's permissions and roles, for a preset that needs more than permissions. */
export type RightsArgs = Required<Pick<ComponentArgs, "permissions" | "roles">>;
