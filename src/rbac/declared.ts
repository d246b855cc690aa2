import type { Input } from "@pulumi/pulumi";
import type { ComponentArgs } from "../args";
import { Login } from "../args";
import { permissionsOf } from "../presets/index";

type Components = Record<string, ComponentArgs>;

/** The components with the permissions of their presets among their own. */
export const withPresets = (components: Components): Components =>
  Object.fromEntries(
    Object.entries(components).map(([name, { presets, ...own }]) => {
      if (!presets?.length) return [name, own];
      return [name, { ...own, permissions: [...(own.permissions ?? []), ...presets.flatMap(permissionsOf)] }];
    }),
  );

/** The users that log in by a password, and the passwords that are declared. */
export function passwordLogins(components: Components) {
  const users = Object.entries(components).filter(([, { login }]) => login === Login.Password);
  const passwords = users.flatMap(([name, { password }]): [string, Input<string>][] =>
    password === undefined ? [] : [[name, password]],
  );
  return {
    logins: Object.fromEntries(users.map(([name]) => [name, Login.Password])),
    passwords: Object.fromEntries(passwords),
  };
}
