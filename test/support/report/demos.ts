import { join } from "../../../src/cli/expiry/facts";
import { reportOn } from "../../../src/cli/expiry/report";
import { inStack } from "../../../src/cli/expiry/stack";
import { type ReportData, reportData } from "../../../src/cli/report/data";
import { page } from "../../../src/cli/report/html/page";
import { resourcesIn } from "../../../src/cli/stack-resources";
import { type Demo, type DemoIdentity, demoStack } from "./demo-stack";

const member = (name: string, host: string, ageDays: number): DemoIdentity[] => [
  { kind: "member", name, hosts: [host, "127.0.0.1"], ageDays },
  { kind: "peer", name, hosts: [host], ageDays },
];

/** Three members and what uses them in a Kubernetes cluster. */
export const small: Demo = {
  identities: [
    ...member("etcd-1", "10.0.0.1", 41),
    ...member("etcd-2", "10.0.0.2", 118),
    ...member("etcd-3", "10.0.0.3", 203),
    { kind: "component", name: "root", ageDays: 203 },
    { kind: "component", name: "kube-apiserver", ageDays: 342 },
    { kind: "component", name: "calico", ageDays: 290 },
    { kind: "component", name: "my-app", ageDays: 66, lifeDays: 90 },
    { kind: "component", name: "backup", ageDays: 12 },
    { kind: "component", name: "monitoring", ageDays: 30 },
  ],
  roles: {
    root: {},
    "kube-apiserver": { "prefix /registry/": "readwrite", "key compact_rev_key": "readwrite" },
    calico: { "prefix /calico/": "readwrite" },
    "my-app": {
      "prefix /my-app/": "readwrite",
      "prefix /calico/resources/v3/projectcalico.org/felixconfigurations/": "read",
    },
    backup: { "all keys": "read" },
    patroni: { "prefix /service/": "readwrite" },
  },
  users: {
    root: ["root"],
    "kube-apiserver": ["kube-apiserver"],
    calico: ["calico"],
    "my-app": ["my-app"],
    backup: ["backup"],
    patroni: ["patroni"],
  },
  passwords: ["patroni"],
  secrets: ["calico", "my-app"],
  oldSecrets: ["calico"],
};

/** Five members and 300 components, each with keys of its own. */
export const large = (count = 300): Demo => {
  const apps = Array.from({ length: count }, (_, i) => `app-${String(i + 1).padStart(3, "0")}`);
  return {
    identities: [
      ...[1, 2, 3, 4, 5].flatMap((i) => member(`etcd-${i}`, `10.0.0.${i}`, 30 * i)),
      ...apps.map((name, i): DemoIdentity => ({ kind: "component", name, ageDays: (i * 37) % 350 })),
    ],
    roles: {
      ...Object.fromEntries(
        apps.map((name) => [name, { [`prefix /${name}/`]: "readwrite", "prefix /shared/": "read" }]),
      ),
      root: {},
    },
    users: { ...Object.fromEntries(apps.map((name) => [name, [name]])), root: ["root"] },
    secrets: apps.slice(0, 40),
  };
};

/** The page that the command would write for a demonstration. */
export async function pageOf(demo: Demo): Promise<string> {
  return page(await dataOf(demo));
}

/** What the page is made of. */
export async function dataOf(demo: Demo): Promise<ReportData> {
  const exported = await demoStack(demo);
  const { found, unreadable } = inStack("the stack", exported);
  const { joined, strangers } = join(found, false);
  return reportData(resourcesIn(exported), reportOn(joined, unreadable, strangers, new Date()));
}
