// `npm run demo`: sets up what is missing, then runs the demo. `-- --keep` leaves the cluster running, `-- --stop` stops it.
import { build, install, run } from "./set-up.mjs";

if (!(await install())) fail("npm ci failed; see above.");
if (!(await build())) fail("The build failed; see above.");
// `npm run demo:rotation` is the demo of its own that replaces the certificate authority.
const [first, ...more] = process.argv.slice(2);
const program = first === "rotation" ? ["demo/rotation.ts", ...more] : ["demo/main.ts", ...process.argv.slice(2)];
process.exit(await run("node", ["--require", "tsx/cjs", ...program]));

function fail(why) {
  console.error(why);
  process.exit(1);
}
