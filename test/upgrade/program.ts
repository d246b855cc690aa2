import { writeProgram } from "../support/program";

// Every kind of identity and certificate, with lives long enough that no renewal window opens.
const source = `
const { EtcdPki } = require("etcd-pki");
const hundredYears = 876000;
const fiftyYears = 438000;
exports.pki = new EtcdPki("etcd", {
  members: {
    "etcd-1": { hosts: ["10.0.0.1", "etcd-1.example.com", "fd00::1"] },
    "etcd-2": { hosts: ["10.0.0.2"], loopback: false, keyAlgorithm: "RSA-2048" },
  },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { root: {}, "my-app": { hosts: ["my-app.example.com"], subject: { organization: "apps" } } },
  defaults: { validityPeriodHours: fiftyYears },
  certificateAuthority: {
    generations: ["2026", "2027"],
    signing: "2027",
    distrusted: ["2025"],
    crossSignedBy: { "2027": "2026" },
    validityPeriodHours: hundredYears,
  },
  peerCertificateAuthority: { validityPeriodHours: hundredYears },
  etcdVersion: "3.6.16",
  gatewayCertificate: true,
}).caBundlePem;
new EtcdPki("shared", {
  members: { "etcd-1": { hosts: ["10.0.1.1"] } },
  proxies: { a: { hosts: ["10.0.1.8"] }, b: { hosts: ["10.0.1.9"] } },
  proxyUpstream: "shared",
  defaults: { validityPeriodHours: fiftyYears, renewNow: "then", rotateKey: "then" },
  sharedAuthority: true,
  certificateAuthority: { validityPeriodHours: hundredYears },
});
`;

/** The folder of the program whose state is recorded; it changes only together with a new record. */
export const upgradeProgram = () => writeProgram("upgrade", source);
