import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { namespaceProblems, problemsIn } from "../../../src/secrets/checks";
import type { EtcdSecretsArgs } from "../../../src/secrets/args";
import { makeGeneration } from "../../support/secrets/authority";

type Pems = Record<"certPem" | "privateKeyPem" | "privateKeyPkcs8Pem" | "caBundlePem", string>;
type Arguments = (pems: Pems) => unknown;

const one =
  (own: object): Arguments =>
  (pems) => ({ namespace: "etcd", secrets: { s: { ...pems, ...own } } });
const two =
  (a: object, b: object): Arguments =>
  (pems) => ({ namespace: "etcd", secrets: { a: { ...pems, ...a }, b: { ...pems, ...b } } });
const later = pulumi.output("later");

const legal: [what: string, Arguments][] = [
  ["one Secret", one({})],
  ["a certificate in two Secrets", two({}, {})],
  ["one name in two namespaces", two({ name: "s", namespace: "a" }, { name: "s", namespace: "b" })],
  ["a namespace that is known later", one({ namespace: later })],
  ["nothing known but the names", one({ certPem: later, privateKeyPem: later, caBundlePem: later, generation: later })],
  ["labels and annotations of one's own", one({ labels: { "example.com/a": "b" }, annotations: { c: "any text" } })],
  ["a name with dots", one({ name: "etcd.example.com" })],
  ["a key that is no name of Kubernetes'", ({ ...pems }) => ({ namespace: "a", secrets: { "system:app": pems } })],
  ["a combined file", one({ fileNames: { combined: "haproxy.pem" } })],
  ["a key in PKCS#8 only", one({ privateKeyPem: undefined })],
  [
    "all that an identity has",
    one({
      ...{ commonName: "a", validUntil: later, renewFrom: later, serialNumber: later, generation: "1" },
      ...{ leafChecksum: later, bundleChecksum: later, peer: {}, gateway: {}, upstream: {}, files: [], config: {} },
    }),
  ],
];

const refused: [what: string, Arguments, message: RegExp][] = [
  ["no argument at all", () => undefined, /secrets is empty; name at least one/],
  ["no Secret", () => ({ namespace: "etcd", secrets: {} }), /secrets is empty; name at least one/],
  ["a misspelt argument", () => ({ secret: {} }), /secret is no argument; allowed are namespace, secrets/],
  ["a misspelt argument of one", one({ layuot: "tls" }), /secrets\["s"\].layuot is no argument; allowed are certPem, /],
  [
    "the old way",
    one({ identity: "my-app" }),
    /secrets\["s"\].identity is no argument; allowed are certPem, privateKeyPem/,
  ],
  ["Secrets that are known later", () => ({ secrets: later }), /secrets is an output .*; give plain data here/],
  [
    "a Secret that is known later",
    () => ({ secrets: { s: later } }),
    /secrets\["s"\] is an output as a whole.* pass its fields one by one/,
  ],
  [
    "an output that is spread",
    (pems) => ({ namespace: "a", secrets: { s: { ...pulumi.output(pems) } } }),
    /one by one/,
  ],
  ["an unknown layout", one({ layout: "calicoo" }), /layout is "calicoo"; give one of tls, calico, /],
  ["an unknown form of key", one({ keyFormat: "pkcs1" }), /keyFormat is "pkcs1"; give one of default, pkcs8/],
  ["no namespace", (pems) => ({ secrets: { s: pems } }), /has no namespace; give it one, or give namespace for all/],
  ["a namespace with capitals", one({ namespace: "Kube" }), /the namespace "Kube" is none that Kubernetes takes/],
  ["a namespace with a dot", one({ namespace: "a.b" }), /the namespace "a.b" is none/],
  ["a namespace of 64 characters", one({ namespace: "n".repeat(64) }), /is none that Kubernetes takes/],
  ["a name with capitals", one({ name: "Etcd" }), /the name "Etcd" is none that Kubernetes takes \(RFC 1123\)/],
  ["a name that ends with a hyphen", one({ name: "etcd-" }), /the name "etcd-" is none/],
  ["a name of 254 characters", one({ name: "n".repeat(254) }), /is none that Kubernetes takes/],
  ["an empty key", (pems) => ({ namespace: "a", secrets: { "": pems } }), /the name "" is none that Kubernetes takes/],
  ["no certificate", one({ certPem: undefined }), /secrets\["s"\].certPem is missing/],
  ["no key", one({ privateKeyPem: undefined, privateKeyPkcs8Pem: undefined }), /privateKeyPem is missing; give it or/],
  ["an empty key", one({ privateKeyPem: "", privateKeyPkcs8Pem: "" }), /brought its own request/],
  [
    "a certificate's layout of another use",
    one({ layout: "coreos-server" }),
    /"coreos-server" is for a server certificate/,
  ],
  [
    "a file name with a slash",
    one({ fileNames: { cert: "etcd/ca.crt" } }),
    /fileNames has "etcd\/ca.crt"; use letters/,
  ],
  ["a file name with two dots in front", one({ fileNames: { cert: "..cert" } }), /fileNames has "..cert"/],
  ["two files of one name", one({ fileNames: { cert: "ca.crt" } }), /has one name twice \(ca.crt, ca.crt, tls.key\)/],
  ["a combined file of a name that is taken", one({ fileNames: { combined: "tls.crt" } }), /has one name twice/],
  ["a relative mount path", one({ mountPath: "certs" }), /mountPath is "certs"; give an absolute path/],
  ["a label value of 64 characters", one({ labels: { a: "v".repeat(64) } }), /\(64 characters\) cannot be the label a/],
  ["a label value with a space", one({ labels: { a: "b c" } }), /"b c" \(3 characters\) cannot be the label a/],
  [
    "a label of this package's own",
    one({ labels: { "etcd-pki/usage": "x" } }),
    /what begins with etcd-pki\/ is set here/,
  ],
  ["a label key with two slashes", one({ labels: { "a/b/c": "x" } }), /labels has the key "a\/b\/c"/],
  ["an annotation key with a space", one({ annotations: { "a b": "x" } }), /annotations has the key "a b"/],
  ["annotations above 256 KiB", one({ annotations: { a: "x".repeat(262_144) } }), /annotations has 262145 bytes/],
  [
    "two Secrets of one name and namespace",
    two({ name: "s" }, { name: "s" }),
    /\["b"\] and .*\["a"\] are both the Secret "s"/,
  ],
  [
    "a name that is another's key",
    two({ name: "b" }, {}),
    /\["b"\] and .*\["a"\] are both the Secret "b" of one namespace/,
  ],
  [
    "two Secrets of one name, and a namespace that is known later",
    two({ name: "s" }, { name: "s", namespace: later }),
    /are both called "s", and a namespace is an output.*give both namespaces as plain text/,
  ],
];

describe("Bad arguments for Secrets", () => {
  let pems: Pems;
  before(async () => {
    const authority = await makeGeneration("etcd-ca-1");
    pems = { ...(await authority.issue({ commonName: "my-app" })), caBundlePem: authority.certPem };
  });

  for (const [what, args] of legal) {
    it(`are not: ${what}`, () => assert.deepEqual(problemsIn("etcd", args(pems) as EtcdSecretsArgs), []));
  }

  for (const [what, args, message] of refused) {
    it(`are refused: ${what}`, () => {
      const problems = problemsIn("etcd", args(pems) as EtcdSecretsArgs);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", message);
    });
  }

  it("are refused as soon as an unknown namespace is known", () => {
    assert.deepEqual(namespaceProblems("x", "etcd"), []);
    assert.match(namespaceProblems("x", "Etcd")[0] ?? "", /the namespace "Etcd" is none/);
  });
});
