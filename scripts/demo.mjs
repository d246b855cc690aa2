// `npm run demo`: sets up what is missing, then runs the demo. `-- --keep` leaves the cluster running, `-- --stop` stops it.
import { build, install, run } from "./set-up.mjs";

if (!(await install())) fail("npm ci failed; see above.");
if (!(await build())) fail("The build failed; see above.");
process.exit(await run("node", ["--require", "tsx/cjs", "demo/main.ts", ...process.argv.slice(2)]));

function fail(why) {
  console.error(why);
  process.exit(1);
}
