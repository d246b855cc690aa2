import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../../../src/pki/args";
import { problemsIn } from "../../../src/pki/arguments";
import { dataProblems, namespaceProblems } from "../../../src/secrets/checks";
import type { KubernetesArgs } from "../../../src/secrets/args";

const identities: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { "calico-node": {} },
};
const secret = { identity: "calico-node", namespace: "kube-system" };
const one = (own: object) => ({ secrets: { s: { ...secret, ...own } } });

const legal: [what: string, KubernetesArgs][] = [
  ["one Secret", one({})],
  ["everything", { namespace: "etcd", publishAll: true }],
  ["an identity in two Secrets", { secrets: { a: secret, b: secret } }],
  [
    "one name in two namespaces",
    { secrets: { a: { ...secret, name: "s" }, b: { ...secret, name: "s", namespace: "b" } } },
  ],
  ["a namespace that is known later", one({ namespace: pulumi.output("later") })],
  ["a proxy's second certificate", one({ identity: "proxy-1", upstream: true })],
  ["labels and annotations of one's own", one({ labels: { "example.com/a": "b" }, annotations: { c: "any text" } })],
  ["a name with dots", one({ name: "etcd.example.com" })],
];

const refused: [what: string, kubernetes: unknown, message: RegExp][] = [
  ["no Secret", {}, /kubernetes publishes nothing; name Secrets in kubernetes.secrets, or set kubernetes.publishAll/],
  [
    "a misspelt argument",
    { publish: true },
    /kubernetes.publish is no argument; allowed are namespace, publishAll, secrets/,
  ],
  ["an unknown layout", one({ layout: "calicoo" }), /layout is "calicoo"; give one of tls, calico, /],
  [
    "no identity",
    { secrets: { s: { namespace: "a" } } },
    /identity is missing; say whose certificate it carries: one of etcd-1/,
  ],
  [
    "an unknown identity",
    one({ identity: "felix" }),
    /secrets\["s"\].identity is "felix", which is not declared; use one of etcd-1, proxy-1, calico-node/,
  ],
  [
    "an upstream certificate of no proxy",
    one({ upstream: true }),
    /upstream is true, but "calico-node" is no proxy; leave it out/,
  ],
  [
    "no namespace",
    { secrets: { s: { identity: "etcd-1" } } },
    /has no namespace; give it one, or give kubernetes.namespace/,
  ],
  [
    "a namespace with capitals",
    one({ namespace: "Kube" }),
    /the namespace "Kube" is none that Kubernetes takes \(RFC 1123\)/,
  ],
  ["a namespace with a dot", one({ namespace: "a.b" }), /the namespace "a.b" is none/],
  ["a namespace of 64 characters", one({ namespace: "n".repeat(64) }), /is none that Kubernetes takes/],
  ["a name with capitals", one({ name: "Etcd" }), /the name "Etcd" is none that Kubernetes takes \(RFC 1123\)/],
  ["a name that ends with a hyphen", one({ name: "etcd-" }), /the name "etcd-" is none/],
  ["a name of 254 characters", one({ name: "n".repeat(254) }), /is none that Kubernetes takes/],
  [
    "a server layout for a client",
    one({ layout: "coreos-server" }),
    /"coreos-server" is for a server certificate, and the component certificate of "calico-node" is for a client only; use one of tls, calico/,
  ],
  [
    "a client layout for a proxy's server",
    one({ identity: "proxy-1", layout: "calico" }),
    /"calico" is for a client certificate, and the proxy certificate of "proxy-1" is for a server only/,
  ],
  [
    "a file name with a slash",
    one({ fileNames: { cert: "etcd/ca.crt" } }),
    /fileNames has "etcd\/ca.crt"; use letters, digits/,
  ],
  ["a file name with two dots in front", one({ fileNames: { cert: "..cert" } }), /fileNames has "..cert"/],
  [
    "two files of one name",
    one({ fileNames: { cert: "ca.crt" } }),
    /fileNames has one name twice \(ca.crt, ca.crt, tls.key\); give the three files different names/,
  ],
  ["a relative mount path", one({ mountPath: "certs" }), /mountPath is "certs"; give an absolute path/],
  [
    "a label value of 64 characters",
    one({ labels: { a: "v".repeat(64) } }),
    /\(64 characters\) cannot be the label a; use at most 63/,
  ],
  ["a label value with a space", one({ labels: { a: "b c" } }), /"b c" \(3 characters\) cannot be the label a/],
  [
    "a label of this package's own",
    one({ labels: { "etcd-pki/role": "x" } }),
    /labels has "etcd-pki\/role"; what begins with etcd-pki\/ is set here/,
  ],
  ["a label key with two slashes", one({ labels: { "a/b/c": "x" } }), /labels has the key "a\/b\/c"/],
  ["an annotation key with a space", one({ annotations: { "a b": "x" } }), /annotations has the key "a b"/],
  [
    "annotations above 256 KiB",
    one({ annotations: { a: "x".repeat(262_144) } }),
    /annotations has 262145 bytes; Kubernetes takes at most 262144/,
  ],
  [
    "two Secrets of one name and namespace",
    { secrets: { a: { ...secret, name: "s" }, s: secret } },
    /kubernetes.secrets\["s"\] and kubernetes.secrets\["a"\] are both the Secret "s" of one namespace/,
  ],
];

describe("Bad arguments for Secrets", () => {
  for (const [what, kubernetes] of legal) {
    it(`are not: ${what}`, () => assert.deepEqual(problemsIn("etcd", { ...identities, kubernetes }), []));
  }

  for (const [what, kubernetes, message] of refused) {
    it(`are refused: ${what}`, () => {
      const problems = problemsIn("etcd", { ...identities, kubernetes } as EtcdPkiArgs);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", message);
    });
  }

  const labelled: [what: string, cluster: string, EtcdPkiArgs, RegExp][] = [
    ["a cluster", "etcd:eu", {}, /the resource's name: "etcd:eu" \(7 characters\) cannot be the label cluster/],
    ["an identity", "etcd", { components: { "a@b": {} } }, /"a@b" \(3 characters\) cannot be the label identity/],
    [
      "a generation",
      "etcd",
      { certificateAuthority: { generations: ["a@b"] } },
      /"a@b" \(3 characters\) cannot be the label ca-generation/,
    ],
  ];
  for (const [what, cluster, args, message] of labelled) {
    it(`are refused: ${what} whose name cannot be a label`, () => {
      const kubernetes = {
        namespace: "etcd",
        secrets: { s: { identity: Object.keys(args.components ?? identities.components ?? {})[0] ?? "" } },
      };
      const problems = problemsIn(cluster, { ...identities, ...args, kubernetes });
      assert.match(problems.join("\n"), message);
      assert.deepEqual(
        problemsIn(cluster.replace(":", "-"), { ...identities, ...args }),
        [],
        "without Secrets it is fine",
      );
    });
  }

  it("are refused as soon as an unknown namespace is known", () => {
    assert.deepEqual(namespaceProblems("x", "etcd"), []);
    assert.match(namespaceProblems("x", "Etcd")[0] ?? "", /the namespace "Etcd" is none/);
  });

  it("are refused as soon as a Secret is known to be above 1 MiB", () => {
    const mebibyte = 1024 * 1024;
    assert.deepEqual(dataProblems("x", { a: "y".repeat(mebibyte - 1), b: "z" }), []);
    assert.match(
      dataProblems("x", { a: "y".repeat(mebibyte), b: "z" })[0] ?? "",
      /x has 1048577 bytes; a Secret has at most 1048576, so trust fewer generations/,
    );
  });
});
