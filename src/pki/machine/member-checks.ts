import { shown } from "../../shape";
import { defaultClientPort, defaultPeerPort } from "./addresses";
import { abilitiesOf, etcdVersionProblems } from "./etcd-version";
import type { MemberConfigPlan } from "./member-config";

/**
 * What is wrong with how members are to be started, a sentence each.
 *
 * @param called What the reader calls an argument. Default: as `EtcdPki` does.
 */
export function memberConfigProblems(
  plan: Partial<MemberConfigPlan>,
  called: (argument: keyof MemberConfigPlan) => string = (argument) => argument,
): string[] {
  const { etcdVersion, clientPort = defaultClientPort, peerPort = defaultPeerPort } = plan;
  const release = called("etcdVersion");
  const releaseProblems = etcdVersion === undefined ? [] : etcdVersionProblems(release, etcdVersion);
  return [
    ...releaseProblems,
    ...(plan.gatewayCertificate && releaseProblems.length === 0 && !abilitiesOf(etcdVersion).gatewayCertificate
      ? [
          `gatewayCertificate needs --client-cert-file, which etcd has since 3.5, and ${release} is ` +
            `${shown(etcdVersion)}; set ${release} to your release of 3.5 or later, or leave gatewayCertificate out`,
        ]
      : []),
    ...portProblems(called("clientPort"), clientPort),
    ...portProblems(called("peerPort"), peerPort),
    ...(clientPort === peerPort
      ? [`${called("clientPort")} and ${called("peerPort")} are both ${clientPort}; give them different ports`]
      : []),
    ...pathProblems(called("directory"), plan.directory),
    ...pathProblems(called("dataDirectory"), plan.dataDirectory),
    ...tokenProblems(called("clusterToken"), plan.clusterToken),
  ];
}

const portProblems = (path: string, port: number) =>
  Number.isInteger(port) && port > 0 && port < 65536
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
