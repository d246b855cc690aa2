import { writeProgram } from "../support/program";

// Every kind of identity and certificate, with lives long enough that no renewal window opens.
const source = `
const { EtcdPki } = require("etcd-pki");
const hundredYears = 876000;
exports.pki = new EtcdPki("etcd", {
  members: {
    "etcd-1": { hosts: ["10.0.0.1", "etcd-1.example.com", "fd00::1"] },
    "etcd-2": { hosts: ["10.0.0.2"], loopback: false, keyAlgorithm: "RSA-2048" },
  },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { root: {}, "my-app": { hosts: ["my-app.example.com"], subject: { organization: "apps" } } },
  defaults: { validityPeriodHours: hundredYears },
  certificateAuthority: {
    generations: ["2026", "2027"],
    signing: "2026",
    distrusted: ["2025"],
    validityPeriodHours: 2 * hundredYears,
  },
}).caBundlePem;
new EtcdPki("shared", {
  members: { "etcd-1": { hosts: ["10.0.1.1"] } },
  proxies: { a: { hosts: ["10.0.1.8"] }, b: { hosts: ["10.0.1.9"] } },
  proxyUpstream: "shared",
  defaults: { validityPeriodHours: hundredYears, renewNow: "then", rotateKey: "then" },
  certificateAuthority: { validityPeriodHours: 2 * hundredYears },
});
`;

/** The folder of the program whose state is recorded; it changes only together with a new record. */
export const upgradeProgram = () => writeProgram("upgrade", source);
