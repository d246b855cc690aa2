// What carries certificates to machines and starts programs with them: pure functions over plain values.
export { memberEndpoints } from "./addresses";
export type { Endpoints } from "./client-config";
export { clientPrograms, componentConfig, proxyConfig } from "./client-config";
export type { CertificateTexts, FileOf, FilesPlan, FileTexts, MachineFile } from "./files";
export { certificatePaths, machineFiles } from "./files";
export { fileName, layoutDirectory, layoutProblems, MachineLayout } from "./layouts";
export type { MemberConfig, MemberConfigPlan } from "./member-config";
export { memberConfigProblems } from "./member-checks";
export { clusterTokenOf, hasYaml, memberConfig } from "./member-config";
