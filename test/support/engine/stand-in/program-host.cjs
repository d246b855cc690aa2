/* global require, Buffer, __filename -- this is CommonJS */
// Runs one program after another for stand-in/programs.ts, each as Pulumi's Automation API runs an inline program. Node.js
// and the SDK start once for all of them; the program's own modules and this package's are loaded anew each time.
const { createRequire } = require("node:module");
const { join, sep } = require("node:path");

const INSTALLED = `${sep}node_modules${sep}`;

// What is printed goes the same way as the answer, so that it is there before it.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    process.send({ print: Buffer.isBuffer(chunk) ? chunk.toString() : String(chunk) });
    (typeof encoding === "function" ? encoding : done)?.();
    return true;
  };
}

process.on("disconnect", () => process.exit());
// After an error that nobody caught, outputs may stay unknown for ever. As under Pulumi's launcher, the program then ends
// when nothing is under way any more, and the process with it.
for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, () => process.channel?.unref());

process.on("message", async (order) => {
  const error = await run(order).catch((thrown) => thrown);
  process.send({ done: error === undefined ? "" : describe(error, sdkOf(order)) });
});

const sdkOf = ({ directory }) => createRequire(join(directory, "index.js"));

async function run(order) {
  const sdk = sdkOf(order);
  const { LanguageServer } = sdk("@pulumi/pulumi/automation/server");
  const { RunRequest } = sdk("@pulumi/pulumi/proto/language_pb");
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, order.env);
  process.chdir(order.directory);
  for (const file of Object.keys(require.cache))
    if (file !== __filename && !file.includes(INSTALLED)) delete require.cache[file];

  const request = new RunRequest();
  request.setProject(order.project);
  request.setStack(order.stack);
  request.setOrganization("organization");
  request.setDryrun(order.preview);
  request.setParallel(1);
  request.setMonitorAddress(order.address);
  request.setArgsList([order.address]);
  for (const [key, { value }] of Object.entries(order.config)) request.getConfigMap().set(key, value);
  const secrets = Object.entries(order.config).filter(([, { secret }]) => secret);
  request.setConfigsecretkeysList(secrets.map(([key]) => key));

  const program = async () => {
    // With a separator at its end it is a folder, even where a file of that name lies beside it.
    const exported = sdk(order.main === "." ? order.directory + sep : join(order.directory, order.main));
    return typeof exported === "function" ? exported() : exported;
  };
  let failure;
  await new LanguageServer(program).run({ request }, (error) => (failure ??= error ?? undefined));
  return failure;
}

/** In words; without a stack where the SDK's launcher leaves it out, too. */
function describe(error, sdk) {
  const { RunError, ResourceError } = sdk("@pulumi/pulumi/errors");
  if (error.message?.startsWith("One or more errors occurred")) return "the program failed";
  if (RunError.isInstance(error) || (ResourceError.isInstance(error) && error.hideStack)) return error.message;
  return error.stack ?? String(error);
}
