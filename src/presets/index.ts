export { apisix, patroni, traefik } from "./applications";
export type { CalicoArgs } from "./calico";
export { calico } from "./calico";
export type { PrefixArgs, RightsArgs } from "./kubernetes";
export { kubernetes } from "./kubernetes";
export { operations } from "./operations";
export { permissionsOf, presetProblems } from "./permissions-of";
export { programs } from "./programs";
