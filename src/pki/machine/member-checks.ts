import { abilitiesOf, etcdVersionProblems } from "./etcd-version";
import type { MemberConfigPlan } from "./member-config";
import { defaultClientPort, defaultPeerPort } from "./member-config";
import { shown } from "../../shape";

/** What is wrong with how members are to be started, a sentence each. Paths are those of `EtcdPki`'s arguments. */
export function memberConfigProblems(plan: Omit<MemberConfigPlan, "cluster" | "member" | "hosts">): string[] {
  const { etcdVersion, clientPort, peerPort } = plan;
  const versionProblems = etcdVersion === undefined ? [] : etcdVersionProblems("etcdVersion", etcdVersion);
  return [
    ...versionProblems,
    ...(plan.gatewayCertificate && versionProblems.length === 0 && !abilitiesOf(etcdVersion).gatewayCertificate
      ? [
          `gatewayCertificate needs --client-cert-file, which etcd has since 3.5, and etcdVersion is ${shown(etcdVersion)}; ` +
            `set etcdVersion to your release of 3.5 or later, or leave gatewayCertificate out`,
        ]
      : []),
    ...portProblems("clientPort", clientPort),
    ...portProblems("peerPort", peerPort),
    ...((clientPort ?? defaultClientPort) === (peerPort ?? defaultPeerPort)
      ? [`clientPort and peerPort are both ${clientPort ?? defaultClientPort}; give them different ports`]
      : []),
    ...pathProblems("directory", plan.directory),
    ...pathProblems("dataDirectory", plan.dataDirectory),
    ...tokenProblems("clusterToken", plan.clusterToken),
  ];
}

const portProblems = (path: string, port: number | undefined) =>
  port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)
    ? []
    : [`${path} is ${shown(port)}; give a whole number from 1 to 65535`];

// What needs no quotes in any of the forms.
const pathProblems = (path: string, directory: string | undefined) =>
  directory === undefined || /^\/[A-Za-z0-9._/@+-]*$/.test(directory)
    ? []
    : [`${path} is ${shown(directory)}; give an absolute path of letters, digits and . _ / @ + -`];

const tokenProblems = (path: string, token: string | undefined) =>
  token === undefined || /^[A-Za-z0-9._-]+$/.test(token)
    ? []
    : [`${path} is ${shown(token)}; use letters, digits and . _ -`];
