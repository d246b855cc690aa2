import type { EngineLog, Properties } from "../pulumi";
import { opened, sealed, secretNames } from "../pulumi";
import { inventory } from "./inventory";
import { withMessages } from "./messages";
import { usersAndRoles } from "./users-and-roles";

/** A resource type as dynamic providers see it. */
interface Served {
  check(olds: unknown, news: unknown): Promise<unknown>;
  diff(id: string, olds: unknown, news: unknown): Promise<unknown>;
  create(inputs: unknown): Promise<unknown>;
  read(id: string, props: unknown): Promise<unknown>;
  update(id: string, olds: unknown, news: unknown): Promise<unknown>;
  delete(id: string, props: unknown): Promise<void>;
}

const TYPES: Record<string, Served> = { Inventory: inventory as Served, UsersAndRoles: usersAndRoles as Served };

/** Whatever a call gives or throws that the state will hold. */
const KEPT = ["inputs", "outs", "props", "properties"] as const;

/**
 * The provider of `etcd-pki:index:Inventory` and `etcd-pki:index:UsersAndRoles`: the functions of the dynamic resources,
 * with what the engine does for those: it opens secrets and seals them again, and shows each message under its resource.
 */
export function rbacProvider(log: EngineLog) {
  const call = async <Result>(
    urn: string,
    given: Properties[],
    operation: (served: Served, ...opened: unknown[]) => Promise<unknown>,
  ): Promise<Result> => {
    const type = urn.split("::")[2]?.split(":").at(-1) ?? "";
    const served = TYPES[type];
    if (served === undefined) throw new Error(`etcd-pki has no resource type ${JSON.stringify(type)}`);
    // These are secrets by our word and by nobody's forgetting.
    const secrets = ["administrator", "passwords", ...given.flatMap(secretNames)];
    let said = Promise.resolve();
    const say = (severity: "info" | "warning") => (message: string) =>
      void (said = said.then(() => log(urn, severity, message)));
    const messages = { info: say("info"), warn: say("warning") };
    try {
      const result = await withMessages(messages, () => operation(served, ...given.map(withoutText)));
      return sealedIn(result, secrets) as Result;
    } catch (error) {
      throw sealedIn(error, secrets);
    } finally {
      await said;
    }
  };
  return {
    check: (urn: string, olds: Properties, news: Properties) =>
      call<{ inputs: Properties; failures: { property: string; reason: string }[] }>(
        urn,
        [olds, news],
        (served, ...opened) => served.check(opened[0], opened[1]),
      ),
    diff: (id: string, urn: string, olds: Properties, news: Properties) =>
      call<{ changes?: boolean }>(urn, [olds, news], (served, ...opened) => served.diff(id, opened[0], opened[1])),
    create: (urn: string, inputs: Properties) =>
      call<{ id: string; outs: Properties }>(urn, [inputs], (served, ...opened) => served.create(opened[0])),
    read: (id: string, urn: string, props: Properties) =>
      call<{ id: string; props: Properties; inputs?: Properties }>(urn, [props], (served, ...opened) =>
        served.read(id, opened[0]),
      ),
    update: (id: string, urn: string, olds: Properties, news: Properties) =>
      call<{ outs: Properties }>(urn, [olds, news], (served, ...opened) => served.update(id, opened[0], opened[1])),
    delete: (id: string, urn: string, props: Properties) =>
      call<void>(urn, [props], (served, ...opened) => served.delete(id, opened[0])),
  };
}

// A state that a program in Node.js left behind has the text of its provider.
function withoutText(properties: Properties): Properties {
  const { __provider, ...rest } = opened(properties) as Properties;
  void __provider;
  return rest;
}

function sealedIn(result: unknown, secrets: string[]): unknown {
  if (typeof result !== "object" || result === null) return result;
  const kept = KEPT.filter((name) => name in result).map((name) => [
    name,
    sealed((result as Record<string, Properties>)[name]!, secrets),
  ]);
  return Object.assign(result, Object.fromEntries(kept));
}
