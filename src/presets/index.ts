export { apisix, patroni, traefik } from "./applications";
export type { CalicoArgs, PrefixArgs, RightsArgs } from "./args";
export { calico } from "./calico";
export { kubernetes } from "./kubernetes";
export { operations } from "./operations";
export { permissionsOf, presetProblems } from "./permissions-of";
export { programs } from "./programs";
