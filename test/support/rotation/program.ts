import assert from "node:assert/strict";
import type { CertificateAuthorityArgs, EtcdPkiArgs } from "../../../src/pki/args";
import type { Run } from "../engine/engine";

/**
 * Makes what `ROTATION` declares. `brokenMember` fails while the update runs, after others have got their certificates.
 * `leaveOutMember` keeps an old certificate, as --exclude does. `secretHosts` must blind no guard.
 */
export const program = `
const { EtcdPki } = require("etcd-pki");
const { secret } = require("@pulumi/pulumi");
const { brokenMember, leaveOutMember, secretHosts, ...args } = JSON.parse(process.env.ROTATION);
let breakMember;
if (brokenMember) args.members["etcd-1"].hosts = new Promise((resolve) => (breakMember = resolve));
if (secretHosts) args.components.app.hosts = secret(["app.example.com"]);
const ofMember = ({ type, name }) => type.endsWith("LocallySignedCert") && name.includes("-member-");
const leaveOut = (it) =>
  ofMember(it) ? { ...it, opts: { ...it.opts, ignoreChanges: ["caCertPem", "caPrivateKeyPem"] } } : undefined;
const pki = new EtcdPki("etcd", args, leaveOutMember ? { transformations: [leaveOut] } : {});
if (brokenMember) pki.components.app.certPem.apply(() => breakMember(["not a host"]));
exports.pki = { bundle: pki.caBundlePem, memberBundle: pki.memberCaBundlePem, peerBundle: pki.peerCaBundlePem, bundleChecksum: pki.bundleChecksum, checksum: pki.checksum };
exports.members = pki.members;
exports.components = pki.components;
`;

/** What the program takes, in `ROTATION`. */
export type Args = EtcdPkiArgs & { brokenMember?: boolean; leaveOutMember?: boolean; secretHosts?: boolean };
export const identities: Args = { members: { "etcd-1": { hosts: ["10.0.0.1"] } }, components: { app: {} } };
export const authority = (generations: string, signing: string, more: CertificateAuthorityArgs = {}): Args => ({
  certificateAuthority: { generations: generations.split(" "), signing, ...more },
});

/** The keys and certificates that a run touches, without the records. */
export const touched = ({ steps }: Run) =>
  steps
    .filter(({ op, type }) => op !== "same" && type.startsWith("tls:"))
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`)
    .sort();
/** Whether an error says this, wherever its lines break. */
export const refused = (message: RegExp) => (error: Error) => {
  assert.match(error.message.replaceAll(/\s+/g, " "), message);
  return true;
};
