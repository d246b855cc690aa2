/* global __dirname, module, require */
// What Pulumi starts for its languages other than Node.js. A checkout has to be built first.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

if (!existsSync(join(__dirname, "dist/schema.json")))
  throw new Error(`etcd-pki is not built: run "npm ci --ignore-scripts && npm run build" in ${__dirname}`);

module.exports = require("./dist/plugin.js");
