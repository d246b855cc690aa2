import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "mocha";
import type { Cluster } from "../../../../src/cli/adopt/cluster";
import { declarationOf, Reference } from "../../../../src/cli/adopt/declaration";
import { readFolder } from "../../../../src/cli/adopt/folder";
import { inventoryOf } from "../../../../src/cli/adopt/inventory";
import { liveFindings } from "../../../../src/cli/adopt/live-lint";
import { certificatesIn, commonNameOf } from "../../../../src/x509";
import { handMade, type HandMade, pemOf } from "../../../support/openssl";

describe("the declaration of what was found", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "declaration-"));
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(directory, "case-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const pair = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) });
  const make = (name: string, more: Partial<HandMade> = {}) => handMade({ ...pair(name), commonName: name, ...more });
  const member = (name: string, more: Partial<HandMade> = {}) =>
    make(name, { signer: pair("ca"), hosts: ["10.0.0.1"], usages: ["serverAuth", "clientAuth"], ...more });
  const inventory = () => inventoryOf([readFolder(folder)], {}, new Date());

  it("trusts an authority without its key, and makes a generation beside it that signs nothing yet", () => {
    make("ca");
    member("etcd-1");
    rmSync(pair("ca").key);
    const declaration = declarationOf(inventory());
    assert.deepEqual(declaration?.pki["certificateAuthority"], {
      generations: ["old", "1"],
      existing: { old: { certPem: new Reference("file", "etcd-ca.pem") } },
    });
    assert.deepEqual(declaration?.secrets, []);
  });

  it("has all authorities above one in its file, for members that trust only the topmost", () => {
    make("root-ca");
    make("ca", {
      signer: pair("root-ca"),
      extensions: [
        "basicConstraints=critical,CA:TRUE",
        "keyUsage=critical,keyCertSign",
        "authorityKeyIdentifier=keyid",
      ],
    });
    member("etcd-1");
    const files = declarationOf(inventory())?.files ?? {};
    assert.deepEqual(certificatesIn(files["etcd-ca.pem"]).map(commonNameOf), ["ca", "root-ca"]);
  });

  it("names an identity's own kind of key where it is not the most common one", () => {
    make("ca");
    for (const name of ["etcd-1", "etcd-2"]) member(name, { newKey: ["rsa:3072"] });
    make("app", { signer: pair("ca"), usages: ["clientAuth"] });
    const { pki, components } = declarationOf(inventory())!;
    assert.deepEqual(
      [pki["defaults"], pki["members"], components.others],
      [
        { keyAlgorithm: "RSA-3072" },
        { "etcd-1": { hosts: ["10.0.0.1"] }, "etcd-2": { hosts: ["10.0.0.1"] } },
        { app: { keyAlgorithm: "ECDSA-P256" } },
      ],
    );
  });

  it("leaves out a client without a common name, which is a grpc-proxy's own", () => {
    make("ca");
    member("etcd-1");
    make("upstream", { commonName: "", signer: pair("ca"), usages: ["clientAuth"] });
    assert.deepEqual(declarationOf(inventory())?.components, { users: {}, others: {} });
  });

  it("adds the host by which a live member is reached to the member that shows the certificate", () => {
    make("ca");
    member("etcd-1");
    member("etcd-2");
    const certificate = new X509Certificate(pemOf(pair("etcd-2").cert));
    const shown = [{ address: "https://etcd-2:2379", host: "etcd-2", certificate }];
    const cluster: Cluster = { endpoints: [], shown, unreadable: [] };
    assert.deepEqual(declarationOf(inventory(), cluster)?.pki["members"], {
      "etcd-1": { hosts: ["10.0.0.1"] },
      "etcd-2": { hosts: ["10.0.0.1", "etcd-2"] },
    });
    assert.match(
      liveFindings(inventory(), cluster)
        .map(({ reason }) => reason)
        .join(),
      /does not name etcd-2/,
    );
  });

  it("says which host of a peer's URL no certificate names, and what a member shows that the folder lacks", () => {
    make("ca");
    member("etcd-1");
    handMade({
      cert: join(directory, "new.pem"),
      key: join(directory, "new.key"),
      commonName: "etcd-1",
      signer: pair("ca"),
      hosts: ["10.0.0.1"],
    });
    const certificate = new X509Certificate(pemOf(join(directory, "new.pem")));
    const peers = { users: new Map(), roles: new Map(), withPassword: [], authentication: false };
    const reasons = liveFindings(inventory(), {
      endpoints: [],
      shown: [{ address: "https://10.0.0.1:2379", host: "10.0.0.1", certificate }],
      held: { ...peers, peerHosts: ["10.0.0.1", "10.0.0.9"] },
      unreadable: [],
    }).map(({ severity, reason }) => `${severity}: ${reason}`);
    assert.equal(reasons.length, 2, reasons.join("\n"));
    assert.match(reasons[0], /^warning: the member shows a certificate that is not in the folder \(serial /);
    assert.match(reasons[1], /^warning: a member advertises 10\.0\.0\.9 to its peers, and no certificate/);
  });
});
