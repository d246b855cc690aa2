import type { AccessChange, AuthenticationChange } from "./access";
import type { AuthorityChange } from "./authority";
import type { CertificateChange } from "./certificates";
import type { SecretChange } from "./kubernetes";
import type { Operation } from "./preview";
import type { ReadyCheck } from "./ready-checks";
import type { LoadOnce, Restart } from "./restarts";

/** What a person decides by, in the order in which it is read. */
export interface Review {
  /** Why the update will not run, a text each. */
  refusals: string[];
  /** What is lost, or breaks, if it runs: worked out from the preview. */
  dangers: string[];
  /** What the program or the engine warns of. */
  warnings: string[];
  /** Empty if nothing of etcd changes. */
  verdict: string;
  /** Components of which the preview hides what changes. Every gate that could be meant is closed for them. */
  hidden: { pki: string[]; rbac: string[] };
  /** The names of the `EtcdPki` in which something changes. */
  clusters: string[];
  restarts: Restart[];
  loadOnce: LoadOnce[];
  readyChecks: ReadyCheck[];
  certificates: CertificateChange[];
  authority: AuthorityChange[];
  authentication: AuthenticationChange[];
  access: AccessChange[];
  /** The names of the `EtcdRbac` in which passwords change. */
  passwords: string[];
  secrets: SecretChange[];
  /** What else changes in this stack. */
  rest: { operation: Operation; type: string; name: string }[];
}

/** Everything of a review but its verdict. */
export type Facts = Omit<Review, "verdict">;
