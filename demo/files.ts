import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { identities, type Outputs } from "./identities";
import { paths, shown } from "./paths";
import { seen } from "./say";

/** Each identity's certificate and key, and the CA bundle, as files. */
export function writeFiles(outputs: Outputs): void {
  mkdirSync(paths.pki, { recursive: true, mode: 0o700 });
  writeFileSync(paths.caBundle, outputs.caBundlePem);
  const rows = identities(outputs);
  for (const { file, certificate } of rows) {
    writeFileSync(paths.certificate(file), certificate.certPem);
    writeFileSync(paths.privateKey(file), certificate.privateKeyPem, { mode: 0o600 });
  }
  const modes = new Set(rows.map(({ file }) => (statSync(paths.privateKey(file)).mode & 0o777).toString(8)));
  seen(`Certificates and keys in ${shown(paths.pki)}/`, rows.length > 0, `${rows.length} pairs`);
  seen("Mode of every key file", [...modes].join() === "600" || process.platform === "win32", [...modes].join());
}
