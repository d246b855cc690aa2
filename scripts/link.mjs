// Lets the examples and the tests' programs use this checkout as "etcd-pki", package and command, as a user's program would.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";

mkdirSync("node_modules/.bin", { recursive: true });
if (!existsSync("node_modules/etcd-pki")) symlinkSync("..", "node_modules/etcd-pki", "junction");
// Windows has no such commands; there is `node dist/cli/main.js`.
writeFileSync("node_modules/.bin/etcd-pki", '#!/usr/bin/env node\nrequire("../../dist/cli/main.js");\n', {
  mode: 0o755,
});
