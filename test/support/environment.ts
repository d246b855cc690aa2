/**
 * What the tests and the demo hear of the shell that starts them: where programs are, where caches are, and how Go gets
 * its modules. Nothing that changes how Pulumi, etcd, Kubernetes or Node.js work: PULUMI_CONFIG_PASSPHRASE of a user's
 * own stacks, ETCDCTL_ENDPOINTS, KUBECONFIG, a proxy, NODE_OPTIONS.
 */
const HEARD = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP", "LANG", "TERM"],
  ...["GOPATH", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOROOT", "GOTOOLCHAIN", "GOPROXY", "GOSUMDB"],
  ...["GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOINSECURE"],
  ...["JAVA_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"],
  // What scripts/test.mjs, or who runs one test by hand, tells it.
  ...["TEST_TOTALS_FILE", "TEST_ALL", "TEST_STAND_IN_ONLY", "UPDATE_GOLDEN"],
];

/** What a download needs besides: the way to the registry. */
const DOWNLOADS = /^(npm_config_|pip_|maven_|uv_)|^(https?|all|no)_proxy$/i;

const shell = { ...process.env };

/** The environment of a child process: what is heard of the shell, and what the test sets. */
export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...only((name) => HEARD.includes(name)),
  ...more,
});

/** The same for npm, pip, Maven, Go and `pulumi install`, which may need a proxy or a registry of one's own. */
export const downloadEnvironment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...only((name) => HEARD.includes(name) || DOWNLOADS.test(name)),
  ...more,
});

const only = (isHeard: (name: string) => boolean): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(shell).filter(([name]) => isHeard(name)));

/** This process, too: libraries read the environment, and what starts a child without a word hands it on. */
for (const name of Object.keys(process.env)) if (!HEARD.includes(name)) delete process.env[name];
