import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { hostProblem, subjectAlternativeNames } from "../../../src/pki/hosts";

describe("hosts", () => {
  it("are sorted into DNS names and IP addresses", () => {
    assert.deepEqual(subjectAlternativeNames(["etcd-1.example.com", "10.0.0.1", "fd00::1", "etcd-1"]), {
      dnsNames: ["etcd-1", "etcd-1.example.com"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
    });
  });

  const spellings: [string, string][] = [
    ["FD00:0:0:0:0:0:0:1", "fd00::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:a00:1", "10.0.0.1"],
    ["Etcd-1.Example.COM", "etcd-1.example.com"],
  ];
  for (const [written, kept] of spellings) {
    it(`spelled ${written} and ${kept} are one host`, () => {
      const names = subjectAlternativeNames([written, kept]);
      assert.deepEqual([...names.dnsNames, ...names.ipAddresses], [kept]);
    });
  }

  it("come out the same in whatever order and however often they are named", () => {
    const hosts = ["b", "a", "10.0.0.2", "10.0.0.10", "::1", "*.etcd.example.com"];
    const shuffled = fc.shuffledSubarray([...hosts, ...hosts], { minLength: 2 * hosts.length });
    fc.assert(
      fc.property(shuffled, (list) => assert.deepEqual(subjectAlternativeNames(list), subjectAlternativeNames(hosts))),
    );
  });

  const good = [
    "etcd-1",
    "etcd_1.internal",
    "xn--bcher-kva.example",
    "10.0.0.1",
    "::1",
    "fd00::1",
    "*.etcd.example.com",
    "1.example.com",
  ];
  for (const host of good) it(`accept ${host}`, () => assert.equal(hostProblem(host), undefined));

  const bad: [string, RegExp][] = [
    ["", /is empty/],
    ["etcd 1", /has a space/],
    ["https://etcd-1:2379", /is a URL/],
    ["etcd-1:2379", /has a port/],
    ["10.0.0.1:2379", /has a port/],
    ["[::1]", /in brackets/],
    ["[::1]:2379", /in brackets/],
    ["fe80::1%eth0", /has a zone/],
    ["10.0.0.0/24", /has a slash/],
    ["fd00:::1", /no valid IPv6/],
    ["10.0.0.256", /no valid IPv4/],
    ["10.0.0", /no valid IPv4/],
    ["010.0.0.1", /no valid IPv4/],
    ["*", /no wildcard that etcd accepts/],
    ["*.com", /no wildcard that etcd accepts/],
    ["etcd.*.com", /no wildcard that etcd accepts/],
    ["etcd-*.example.com", /no wildcard that etcd accepts/],
    ["etcd-1.example.com.", /ends with a dot/],
    ["bücher.example", /no DNS name/],
    ["-etcd", /no DNS name/],
    ["a..b", /no DNS name/],
    [`${"a".repeat(64)}.example`, /no DNS name/],
    [Array(64).fill("abc").join("."), /no DNS name/],
  ];
  for (const [host, message] of bad) {
    it(`refuse ${JSON.stringify(host.slice(0, 30))}: ${message.source}`, () =>
      assert.match(hostProblem(host) ?? "", message));
  }
});
