/** No member of etcd can be reached. */
export class UnreachableError extends Error {}

/** A call was cut off: it may have been carried out or not. */
export class InterruptedError extends Error {}

/** Authentication is on, and nobody knows yet whether the administrator gets in. */
export class ProofPendingError extends InterruptedError {}

/** The endpoints lead to a cluster that the declaration is not for. */
export class OtherClusterError extends Error {}

/** Whether a learner answered: it holds what the others hold, and has no vote yet. */
export const isOfLearner = (error: unknown): boolean => /not supported for learner/.test((error as Error).message);

/** What etcd refuses, with what to do about it. The name tells what it was. */
export function inWords(error: Error, endpoint: string): Error {
  const kind = error.constructor.name;
  if (isOfLearner(error))
    return new Error(
      `${endpoint} is a learner, which answers nothing about users and roles: promote it (etcdctl member promote), or name ` +
        `the other members.`,
    );
  if (/user name is empty/.test(error.message)) return new NoCommonNamesError(endpoint);
  if (kind !== "EtcdPermissionDeniedError") return Object.assign(new Error(`${endpoint}: ${error.message}`), { kind });
  return new Error(
    `${endpoint} does not let the administrator change users and roles: etcd's user "root" is missing or has lost its ` +
      `role "root". Give it back with another administrator: etcdctl user grant-role root root.`,
  );
}

/** The member does not take users from certificates. */
export class NoCommonNamesError extends Error {
  constructor(endpoint: string) {
    super(
      `${endpoint} does not take the user from the certificate: start etcd with --client-cert-auth and --trusted-ca-file ` +
        `(a grpc-proxy never passes the user on; give the members' own addresses).`,
    );
  }
}
