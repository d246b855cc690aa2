import type { Input } from "@pulumi/pulumi";
import type { ComponentArgs, PermissionArgs } from "../args";

/** A certificate and its private key: an `EtcdPki`'s `components.root` is one. */
export interface AdministratorArgs {
  /** PEM. Its common name must be `root`: that is who etcd takes the connection for. */
  certPem: Input<string>;
  /** PEM, unencrypted. It is a secret in the stack's state. */
  privateKeyPem: Input<string>;
}

/** The users, roles and authentication of one etcd cluster. */
export interface EtcdRbacArgs {
  /** Where the members listen for clients, such as `https://etcd-1.example.com:2379`. One that answers is enough. */
  endpoints: Input<Input<string>[]>;
  /** The certificates of the authorities that signed the members' certificates, PEM. */
  caBundlePem: Input<string>;
  /** Who makes the changes: the certificate of the component `root`. */
  administrator: AdministratorArgs;
  /**
   * The users, by name: the very object that `EtcdPki` gets, so that user and common name cannot differ. Each component
   * that has `permissions` gets a role of its own name.
   */
  components: Record<string, ComponentArgs>;
  /** Roles that components share, by name: each a list of permissions. Default: none. */
  roles?: Record<string, PermissionArgs[]>;
  /**
   * Turns authentication on once all users and roles are there, and off again on destroy if it was off before. Default:
   * true. With false it stays as it is, but what this declaration turned on is turned off again; every client of etcd may
   * do everything while it is off.
   */
  enableAuthentication?: boolean;
  /**
   * Takes over users and roles that etcd holds already, and sets them to the declaration. One of them that leaves the
   * declaration later is deleted, as any other; when the whole declaration goes, they stay. Default: false; an existing one
   * of a declared name is an error.
   */
  adoptExisting?: boolean;
  /** Deletes every user and role that the declaration does not name, but `root`. Default: false, they are only reported. */
  removeUndeclared?: boolean;
  /**
   * The cluster that is meant, by etcd's `cluster_id` in decimal. Default: the one that the first update finds. Every
   * update, refresh and destroy refuses another one, or one whose revision has gone back, since it was rebuilt or restored;
   * a new text here says that the new one is meant. What it holds is then looked at anew, as in a first update.
   */
  clusterId?: string;
  /**
   * For how long an update waits for a cluster that does not answer yet, in seconds. Default: 300, since machines that were
   * just made still boot. Previews do not wait; refresh and destroy wait 15 seconds, the time of an election.
   */
  waitSeconds?: number;
  /**
   * Lets `pulumi destroy` go on when no member can be reached, or the cluster is another one, since the declaration's is
   * gone. Default: false. An update that does no more than set this does not need etcd.
   */
  skipDeleteIfUnreachable?: boolean;
}
