import * as pulumi from "@pulumi/pulumi";
import { knownOr } from "../../pulumi";
import { pkiSubject, refuseLater } from "../../refuse";
import type { AuthorityPems } from "../../x509";
import { certificateTexts, issuersIn, keyIdOf, parsedCertificate } from "../../x509";
import type { KnownAuthority, Role } from "./existing";
import { pemProblems } from "./existing";
import type { Generation, Making } from "./generation";
import { generation, keep, newGeneration } from "./generation";
import type { GenerationPlan } from "./plan";

/** Makes a generation, or takes over an existing one. */
export function makeGeneration(plan: GenerationPlan, role: Role, make: Making): Generation {
  return plan.existing ? takeGeneration(plan, role, make) : newGeneration(plan, make);
}

function takeGeneration(plan: GenerationPlan, role: Role, make: Making): Generation {
  const { certPem, privateKeyPem, anchorPem } = plan.existing ?? { certPem: "" };
  const given = pulumi.all([certPem, privateKeyPem, anchorPem]).apply(([cert, key, anchor]) => ({
    certPem: cert,
    // A key that was declared and turns out to be nothing is refused, as it is to sign.
    ...(privateKeyPem !== undefined && { privateKeyPem: key ?? "" }),
    ...(anchor !== undefined && { anchorPem: anchor }),
  }));
  const subject = pkiSubject(plan.cluster);
  const checked = refuseLater(subject, given, (known) => pemProblems(plan.path, known, role, make.now));
  const own = pulumi.unsecret(checked.apply(takenFrom));
  const { kept, isInState } = keep(plan.logicalName, own, plan.reissue, make);
  const same = refuseLater(subject, pulumi.all([kept, own]), ([last, now]) => changedProblems(plan, last, now));
  // In a preview that does not know what is given, what is in use stands for it.
  const inUse = knownOr(
    same.apply(([last]) => last),
    kept,
  );
  const certificate = inUse.apply((taken) => certificateTexts(taken.certPem)[0] ?? taken.certPem);
  const anchor = inUse.apply((taken) => taken.anchorPem ?? certificateTexts(taken.certPem)[0] ?? taken.certPem);
  const chain = inUse.apply((taken) => issuersIn(taken.certPem));
  // The key may be known where the certificate is not: without it a preview would issue everything anew.
  const key = knownOr(
    checked.apply((known) => known.privateKeyPem ?? ""),
    privateKeyPem ?? "",
  );
  return { ...generation(plan, certificate, anchor, chain, pulumi.secret(key), make), isInState };
}

const takenFrom = ({ certPem, anchorPem }: KnownAuthority): AuthorityPems => {
  const texts = certificateTexts(certPem);
  const [anchor] = certificateTexts(anchorPem ?? "");
  return {
    // A user's own mocks may give any text.
    certPem: texts.length > 0 ? texts.join("") : certPem,
    ...(anchor !== undefined && { anchorPem: anchor }),
  };
};

function changedProblems(plan: GenerationPlan, last: AuthorityPems, given: AuthorityPems): string[] {
  const [was, is] = [parsedCertificate(last.certPem), parsedCertificate(given.certPem)];
  if (!was || !is) return [];
  const toTake = "to take it, give this generation a new text in reissue";
  if (keyIdOf(was) !== keyIdOf(is))
    return [
      `${plan.path}: certPem has another key than the certificate in use; put the old one back, and give the new one a ` +
        `name of its own`,
    ];
  if (was.fingerprint256 !== is.fingerprint256)
    return [`${plan.path}: certPem is another certificate of the same key; ${toTake}`];
  if (last.certPem !== given.certPem)
    return [`${plan.path}: certPem has other issuers after its first certificate; ${toTake}`];
  return last.anchorPem === given.anchorPem
    ? []
    : [`${plan.path}: anchorPem is another one than in the last update; ${toTake}`];
}
