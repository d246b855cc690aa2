import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { memberConfig, memberConfigProblems, type MemberConfigPlan } from "../../../../src/pki/machine";
import { peerHostName } from "../../../../src/naming";

const plan: MemberConfigPlan = {
  cluster: "etcd",
  member: "etcd-1",
  clusterToken: "etcd-project-stack",
  hosts: { "etcd-2": ["10.0.0.2"], "etcd-1": ["10.0.0.1", "etcd-1.example.com"] },
};
const flagsOf = (changes: Partial<MemberConfigPlan> = {}) => {
  const lines = memberConfig({ ...plan, ...changes })
    .flags.trimEnd()
    .split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
};

describe("A member's configuration", () => {
  it("has the same settings in every form", () => {
    const config = memberConfig({ ...plan, sharedAuthority: true, etcdVersion: "3.6.16" });
    assert.equal(
      config.flags,
      `--name=etcd-1
--data-dir=/var/lib/etcd
--listen-client-urls=https://10.0.0.1:2379,https://127.0.0.1:2379
--advertise-client-urls=https://10.0.0.1:2379
--listen-peer-urls=https://10.0.0.1:2380
--initial-advertise-peer-urls=https://10.0.0.1:2380
--initial-cluster=etcd-1=https://10.0.0.1:2380,etcd-2=https://10.0.0.2:2380
--initial-cluster-token=etcd-project-stack
--initial-cluster-state=new
--trusted-ca-file=/etc/etcd/pki/ca.pem
--cert-file=/etc/etcd/pki/server.pem
--key-file=/etc/etcd/pki/server-key.pem
--client-cert-auth
--peer-trusted-ca-file=/etc/etcd/pki/peer-ca.pem
--peer-cert-file=/etc/etcd/pki/peer.pem
--peer-key-file=/etc/etcd/pki/peer-key.pem
--peer-client-cert-auth
--peer-cert-allowed-cn=etcd-1,etcd-2
`,
    );
    const assignments = config.flags
      .trimEnd()
      .split("\n")
      .map((flag) => (flag.includes("=") ? flag : `${flag}=true`))
      .map((flag) =>
        flag.replace(/^--([^=]+)/, (_, name: string) => `ETCD_${name.toUpperCase().replaceAll("-", "_")}`),
      );
    assert.deepEqual(config.environment.trimEnd().split("\n"), assignments);
    assert.deepEqual(config.systemd.trimEnd().split("\n"), [
      "[Service]",
      ...assignments.map((assignment) => `Environment="${assignment}"`),
    ]);
    assert.match(
      config["etcd.yaml"]!,
      /^peer-transport-security:\n {2}trusted-ca-file: "\/etc\/etcd\/pki\/peer-ca\.pem"\n {2}cert-file: "[^"]+"\n {2}key-file: "[^"]+"\n {2}client-cert-auth: true\n {2}allowed-cn: \["etcd-1","etcd-2"\]$/m,
    );
  });

  const cn = "--peer-cert-allowed-cn";
  const hostname = "--peer-cert-allowed-hostname";
  const releases: [string | undefined, boolean, Record<string, string>, boolean][] = [
    [undefined, false, {}, true],
    ["3.4.23", false, {}, true],
    ["3.4.23", true, { [hostname]: "etcd.etcd-peer" }, false],
    ["3.5.14", true, { [hostname]: "etcd.etcd-peer" }, false],
    ["3.5.15", true, { [cn]: "etcd-1,etcd-2" }, true],
    ["v3.6.0", true, { [cn]: "etcd-1,etcd-2" }, true],
    ["3.7.3", true, { [cn]: "etcd-1,etcd-2" }, true],
    [undefined, true, { [hostname]: "etcd.etcd-peer" }, false],
  ];
  for (const [etcdVersion, sharedAuthority, expected, hasYaml] of releases) {
    const guard = Object.entries(expected).flat().join("=") || "no name";
    it(`lets in ${guard} for etcd ${etcdVersion} with ${sharedAuthority ? "a shared" : "an own"} authority`, () => {
      const flags = flagsOf({ etcdVersion, sharedAuthority });
      assert.deepEqual(
        Object.fromEntries(Object.entries(flags).filter(([flag]) => flag.includes("allowed"))),
        expected,
      );
      assert.equal("etcd.yaml" in memberConfig({ ...plan, etcdVersion, sharedAuthority }), hasYaml);
    });
  }

  // The member's hosts, what it listens on, what it advertises.
  const addresses: [string[], string, string][] = [
    [["10.0.0.1"], "https://10.0.0.1:2379,https://127.0.0.1:2379", "https://10.0.0.1:2379"],
    [["2001:db8::1"], "https://[2001:db8::1]:2379,https://127.0.0.1:2379", "https://[2001:db8::1]:2379"],
    [["127.0.0.2"], "https://127.0.0.2:2379", "https://127.0.0.2:2379"],
    [["::1"], "https://[::1]:2379", "https://[::1]:2379"],
    [["etcd-1.example.com", "10.0.0.1"], "https://0.0.0.0:2379", "https://etcd-1.example.com:2379"],
    [["etcd-1.example.com", "2001:db8::1"], "https://[::]:2379", "https://etcd-1.example.com:2379"],
    [["*.etcd.svc", "10.0.0.1"], "https://10.0.0.1:2379,https://127.0.0.1:2379", "https://10.0.0.1:2379"],
    [["*.etcd.svc"], "https://0.0.0.0:2379", "https://etcd-1.etcd.svc:2379"],
  ];
  for (const [hosts, listens, advertises] of addresses) {
    it(`advertises ${advertises} of ${hosts.join(", ")}`, () => {
      const flags = flagsOf({ hosts: { "etcd-1": hosts } });
      assert.equal(flags["--listen-client-urls"], listens);
      assert.equal(flags["--advertise-client-urls"], advertises);
      assert.equal(flags["--initial-cluster"], `etcd-1=${advertises.replace("2379", "2380")}`);
    });
  }

  it("has the gateway's pair only where there is one", () => {
    const flags = flagsOf({ gatewayCertificate: true, etcdVersion: "3.5.0" });
    assert.equal(flags["--client-cert-file"], "/etc/etcd/pki/gateway.pem");
    assert.equal(flags["--client-key-file"], "/etc/etcd/pki/gateway-key.pem");
    assert.equal("--client-cert-file" in flagsOf(), false);
  });

  it("escapes what systemd would read as a specifier", () => {
    assert.match(memberConfig({ ...plan, member: "a%b" }).systemd, /"ETCD_NAME=a%%b"/);
  });

  for (const [cluster, name] of [
    ["etcd", "etcd.etcd-peer"],
    ["My Cluster_1", "my-cluster-1.etcd-peer"],
    [`${"a".repeat(62)}-b`, `${"a".repeat(62)}.etcd-peer`],
    ["ä", "etcd.etcd-peer"],
  ] as const) {
    it(`gives the members of ${cluster} the name ${name}`, () => assert.equal(peerHostName(cluster), name));
  }

  const refused: [Parameters<typeof memberConfigProblems>[0], RegExp][] = [
    [{ etcdVersion: "3.5" }, /^etcdVersion is "3.5"; give a whole version with its patch, such as 3.5.15$/],
    [
      { etcdVersion: "3.3.27" },
      /^etcdVersion is "3.3.27"; give a release of etcd from 3.4.0 to 3.7, which are supported$/,
    ],
    [{ gatewayCertificate: true }, /^gatewayCertificate needs --client-cert-file, .* set etcdVersion to your release/],
    [{ gatewayCertificate: true, etcdVersion: "3.4.44" }, /etcdVersion is "3.4.44"; set etcdVersion/],
    [{ clientPort: 0 }, /^clientPort is 0; give a whole number from 1 to 65535$/],
    [{ peerPort: 2379 }, /^clientPort and peerPort are both 2379; give them different ports$/],
    [{ directory: "pki" }, /^directory is "pki"; give an absolute path/],
    [{ dataDirectory: "/var/lib/my etcd" }, /^dataDirectory is "\/var\/lib\/my etcd"; give an absolute path/],
    [{ clusterToken: "a,b" }, /^clusterToken is "a,b"; use letters, digits and \. _ -$/],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      const problems = memberConfigProblems(args);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0]!, message);
    });
  }

  it("refuses nothing of what is usual", () => {
    for (const etcdVersion of [undefined, "3.4.23", "v3.5.15", "3.6.16", "3.7.3"])
      assert.deepEqual(memberConfigProblems({ etcdVersion, directory: "/etc/etcd/pki", clusterToken: "etcd-1" }), []);
  });
});
