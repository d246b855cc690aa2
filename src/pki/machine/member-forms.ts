// A member's settings in each of the forms in which etcd takes them.

/** A setting by the name of its flag, without the dashes. A list is one flag, or a list in `etcd.yaml`. */
export type Setting = [flag: string, value: string | readonly string[] | true];

/** One flag a line. */
export const flags = (settings: Setting[]) =>
  lines(settings.map(([flag, value]) => (value === true ? `--${flag}` : `--${flag}=${asText(value)}`)));

/** One variable a line: etcd reads `ETCD_` and the flag's name. */
export const environment = (settings: Setting[]) => lines(settings.map(variable));

/** A drop-in, which says nothing of how the unit starts etcd. */
export const systemd = (settings: Setting[]) =>
  lines(["[Service]", ...settings.map((setting) => `Environment="${escaped(variable(setting))}"`)]);

/** etcd's configuration file: the certificates of each side are a section of their own. */
export function etcdYaml(settings: Setting[]): string {
  const rest = settings.filter(([flag]) => sectionOf(flag) === undefined);
  return lines([
    ...rest.map(([flag, value]) => `${flag}: ${yamlOf(value)}`),
    ...Object.entries(sections).flatMap(([section, entries]) => [
      `${section}:`,
      ...settings
        .filter(([flag]) => Object.hasOwn(entries, flag))
        .map(([flag, value]) => `  ${entries[flag]}: ${yamlOf(value)}`),
    ]),
  ]);
}

// etcd, etcd.conf.yml.sample
const sections: Record<string, Record<string, string>> = {
  "client-transport-security": {
    "cert-file": "cert-file",
    "key-file": "key-file",
    "trusted-ca-file": "trusted-ca-file",
    "client-cert-auth": "client-cert-auth",
    "client-cert-file": "client-cert-file",
    "client-key-file": "client-key-file",
  },
  "peer-transport-security": {
    "peer-cert-file": "cert-file",
    "peer-key-file": "key-file",
    "peer-trusted-ca-file": "trusted-ca-file",
    "peer-client-cert-auth": "client-cert-auth",
    "peer-cert-allowed-cn": "allowed-cn",
  },
};

const sectionOf = (flag: string) => Object.values(sections).find((entries) => Object.hasOwn(entries, flag));

const asText = (value: Setting[1]) => (Array.isArray(value) ? value.join(",") : String(value));

const variable = ([flag, value]: Setting) => `ETCD_${flag.toUpperCase().replaceAll("-", "_")}=${asText(value)}`;

// JSON is YAML, and quotes what a bare word would turn into something else.
const yamlOf = (value: Setting[1]) => JSON.stringify(value);

// systemd.unit(5): % begins a specifier; systemd.syntax(7): quotes and backslashes.
const escaped = (text: string) => text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%");

const lines = (each: string[]) => each.map((line) => `${line}\n`).join("");
