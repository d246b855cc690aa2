import type { Report } from "../expiry/report";
import type { StackResource } from "../stack-resources";
import { placeIn, pkiType } from "../stack-resources";
import type { AccessOf } from "./access";
import { accessIn } from "./access";
import type { Generation } from "./authorities";
import { generationsIn } from "./authorities";
import type { Finding } from "./findings";
import { findingsIn } from "./findings";
import type { Life } from "./life";
import { livesOf } from "./life";
import type { SecretHeld } from "./secrets";
import { secretsIn } from "./secrets";

/** Everything that the page shows. No key is in it. */
export interface ReportData {
  /** The stack and its project, such as `infra/prod`. */
  stack: string;
  /** When it was made, RFC 3339. */
  at: string;
  findings: Finding[];
  /** Every certificate of an identity, the first to end first. */
  lives: Life[];
  generations: Generation[];
  access: AccessOf[];
  secrets: SecretHeld[];
}

/** Puts together what the state of a stack says, and what was found of its certificates there and elsewhere. */
export function reportData(resources: StackResource[], report: Report): ReportData {
  const { certificates, at } = report;
  const generations = generationsIn(resources, certificates);
  const access = accessIn(resources);
  const secrets = secretsIn(resources, certificates);
  const { stack, project } = placeIn(resources.find(({ type }) => type === pkiType)?.urn ?? "");
  return {
    stack: `${project}/${stack}`,
    at,
    findings: findingsIn({ report, generations, access, secrets }),
    lives: livesOf(certificates.filter(({ kind }) => kind !== "authority")),
    generations,
    access,
    secrets,
  };
}
