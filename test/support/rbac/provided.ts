import type { ComponentArgs, PermissionArgs } from "../../../src/args";
import { passwordLogins, withPresets } from "../../../src/rbac/declared";
import type { Connection } from "../../../src/rbac/diagnosis";
import type { UsersAndRolesInputs } from "../../../src/rbac/inputs";
import { inventoryName, toInputs } from "../../../src/rbac/inputs";
import { inventory } from "../../../src/rbac/inventory";
import { withMessages } from "../../../src/rbac/messages";
import { desiredState } from "../../../src/rbac/plan";
import type { State } from "../../../src/rbac/update";
import { type Beside, usersAndRoles } from "../../../src/rbac/users-and-roles";

/** What the program of a stack declares. */
export interface Declared {
  components: Record<string, ComponentArgs>;
  roles?: Record<string, PermissionArgs[]>;
  endpoints?: string[];
  certPem?: string;
  privateKeyPem?: string;
  enableAuthentication?: boolean;
  adoptExisting?: boolean;
  removeUndeclared?: boolean;
  clusterId?: string;
  waitSeconds?: number;
  skipDeleteIfUnreachable?: boolean;
}

/** The two resources of an `EtcdRbac` without an engine: their provider's functions, and a state between the calls. */
export class ProvidedStack {
  readonly said: string[] = [];
  private noted: Awaited<ReturnType<typeof inventory.create>>["outs"] | undefined;
  private state: State | undefined;

  constructor(private readonly connection: Connection) {}

  /** As `pulumi up`; the inventory is asked only when its inputs differ, as the engine does. */
  up(declared: Declared): Promise<string> {
    return this.saying(async () => {
      const inputs = this.inputsOf(declared);
      const { inputs: checked } = await inventory.check({}, inputs.inventory);
      const before = this.noted;
      if (before === undefined) this.noted = (await inventory.create(checked)).outs;
      else if ((await inventory.diff("id", before, checked)).changes !== false)
        this.noted = (await inventory.update("id", before, checked)).outs;
      const next = await this.checked(inputs.usersAndRoles());
      try {
        const done = this.state ? await usersAndRoles.update("id", this.state, next) : await usersAndRoles.create(next);
        this.state = done.outs;
      } catch (error) {
        this.state = (error as { properties?: State }).properties ?? this.state;
        throw error;
      }
    });
  }

  /** As `pulumi preview` of an update. */
  preview(declared: Declared): Promise<string> {
    return this.saying(async () => {
      const dryRun = { found: [], adoptExisting: declared.adoptExisting ?? false };
      const next = await this.checked(this.inputsOf(declared).usersAndRoles(), dryRun);
      await usersAndRoles.diff("id", this.state!, next);
    });
  }

  /** As `pulumi refresh`; what is read is what the next preview compares with. */
  refresh(): Promise<string> {
    return this.saying(async () => void (this.state = (await usersAndRoles.read("id", this.state!)).props as State));
  }

  /** As `pulumi destroy`. */
  destroy(): Promise<string> {
    return this.saying(async () => usersAndRoles.delete("id", this.state!));
  }

  private async checked(inputs: UsersAndRolesInputs, dryRun?: Beside["dryRun"]) {
    const { inputs: checked, failures } = await usersAndRoles.check(
      { endpoints: [] },
      { ...inputs, noted: this.noted!.names, dryRun },
    );
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    return checked;
  }

  private async saying(operation: () => Promise<void>): Promise<string> {
    const said: string[] = [];
    const say = (message: string) => void said.push(message);
    await withMessages({ info: say, warn: say }, operation);
    this.said.push(...said);
    return said.join("\n");
  }

  private inputsOf(declared: Declared) {
    const { caBundlePem, ...own } = this.connection;
    const { certPem = own.certPem, privateKeyPem = own.privateKeyPem, endpoints = own.endpoints } = declared;
    const { enableAuthentication = true, adoptExisting = false, removeUndeclared = false, waitSeconds = 0 } = declared;
    const { skipDeleteIfUnreachable = false, clusterId } = declared;
    const connection = { endpoints, caBundlePem, administrator: { certPem, privateKeyPem } };
    const state = toInputs(desiredState(withPresets(declared.components), declared.roles));
    const { logins, passwords } = passwordLogins(declared.components);
    const names = [
      ...Object.keys(state.users).map(inventoryName.user),
      ...Object.keys(state.roles).map(inventoryName.role),
      ...(enableAuthentication ? [inventoryName.authentication] : []),
    ];
    const named = Object.fromEntries(names.map((name) => [name, "declared"]));
    return {
      inventory: { ...connection, names: named, adoptExisting, clusterId, waitSeconds },
      usersAndRoles: (): UsersAndRolesInputs => ({
        ...connection,
        ...state,
        logins,
        passwords: passwords as Record<string, string>,
        enableAuthentication,
        removeUndeclared,
        skipDeleteIfUnreachable,
        adopted: this.noted!.adopted as Record<string, string>,
        inventoryClusterId: this.noted!.cluster.id,
        clusterId,
        waitSeconds,
      }),
    };
  }
}
