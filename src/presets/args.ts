/**
 * The permissions of a program as data, for every language. The TypeScript functions of the same names (`calico.node()`
 * is `calico-node`) return the same.
 */
export interface PresetArgs {
  /** The program, such as `calico-node`. */
  name: string;
  /** The program's version, such as `3.32`, where its permissions depend on it. Default: none, the documented table. */
  version?: string;
  /** Where the program keeps its keys, such as kube-apiserver's `--etcd-prefix`. Default: the program's own. */
  prefix?: string;
}
