import type { Facts, Review } from "./facts";
import { accessChanges, authenticationChanges, isHidden, isUsersAndRoles, passwordChanges } from "./access";
import { authorityChanges } from "./authority";
import { certificateChanges } from "./certificates";
import { dangersOf } from "./dangers";
import { isOurSecret, secretChanges } from "./kubernetes";
import type { Change, Message, Preview } from "./preview";
import { clustersIn, isUnreadable } from "./records";
import { readyChecks } from "./ready-checks";
import { loadOnceClients, restartsOf } from "./restarts";
import { verdictOf } from "./verdict";

/** Puts together what each part of a preview says. */
export function reviewOf(preview: Preview): Review {
  const clusters = clustersIn(preview);
  const certificates = clusters.flatMap(certificateChanges);
  const authority = clusters.flatMap(authorityChanges);
  const hidden = {
    pki: clusters.filter(isUnreadable).map(({ name }) => name),
    rbac: preview.changes
      .filter((change) => isUsersAndRoles(change) && isHidden(change))
      .map(({ parent }) => parent.name),
  };
  const refusals = texts(preview.messages, "error");
  const perCluster = clusters.map((cluster) => {
    const changes = authority.filter((each) => each.cluster === cluster.name);
    const restarts = restartsOf(cluster, changes);
    return {
      restarts,
      loadOnce: loadOnceClients(cluster.name, certificates, changes, restarts),
      readyChecks: readyChecks(cluster, changes),
    };
  });
  const facts: Omit<Facts, "dangers"> = {
    hidden,
    refusals,
    warnings: texts(preview.messages, "warning"),
    clusters: clusters.map(({ name }) => name),
    restarts: perCluster.flatMap(({ restarts }) => restarts),
    loadOnce: perCluster.flatMap(({ loadOnce }) => loadOnce),
    readyChecks: perCluster.flatMap((each) => each.readyChecks),
    certificates,
    authority,
    authentication: authenticationChanges(preview),
    access: accessChanges(preview),
    passwords: passwordChanges(preview),
    secrets: secretChanges(preview),
    rest: preview.changes
      .filter((change) => !isOurs(change))
      .map(({ operation, type, name }) => ({ operation, type, name })),
  };
  const dangers = dangersOf(facts);
  return { ...facts, dangers, verdict: verdictOf({ ...facts, dangers }) };
}

const texts = (messages: Message[], wanted: Message["severity"]) =>
  messages.filter(({ severity }) => severity === wanted).map(({ text }) => text);

const isOurs = (change: Change): boolean =>
  change.type.startsWith("etcd-pki:") ||
  change.parent.type.startsWith("etcd-pki:") ||
  change.type.startsWith("pulumi:providers:") ||
  change.type === "pulumi:pulumi:Stack" ||
  isUsersAndRoles(change) ||
  isOurSecret(change);
