import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import * as certificates from "./certificates";
import type { CertificateOptions, Hosts, Subject } from "./certificates";
import type { Difference, Goal, Provider, ProviderResource } from "./provider";
import { changedKeys, type Properties } from "./values";

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

type Maker = (inputs: Properties, now: Date) => Promise<{ id: string; outputs: Properties }>;

const DEFAULTS: Record<string, Properties> = {
  "tls:index/privateKey:PrivateKey": { rsaBits: 2048, ecdsaCurve: "P224" },
  "tls:index/selfSignedCert:SelfSignedCert": {
    isCaCertificate: false,
    earlyRenewalHours: 0,
    setSubjectKeyId: false,
    setAuthorityKeyId: false,
  },
  "tls:index/locallySignedCert:LocallySignedCert": {
    isCaCertificate: false,
    earlyRenewalHours: 0,
    setSubjectKeyId: false,
  },
};

const makers: Record<string, Maker> = {
  "tls:index/privateKey:PrivateKey": async (inputs) => {
    const { algorithm, rsaBits, ecdsaCurve } = inputs as Record<"algorithm" | "ecdsaCurve", string> & {
      rsaBits: number;
    };
    const key = certificates.encodeKey(await certificates.generateKey(algorithm, rsaBits, ecdsaCurve));
    return { id: sha1(key.publicKeyPem), outputs: key };
  },
  "tls:index/certRequest:CertRequest": async (inputs) => {
    const privateKeyPem = String(inputs["privateKeyPem"]);
    const certRequestPem = await certificates.makeRequest(privateKeyPem, inputs["subject"] as Subject, inputs as Hosts);
    return {
      id: sha1(certRequestPem),
      outputs: { certRequestPem, keyAlgorithm: certificates.algorithmOf(privateKeyPem) },
    };
  },
  "tls:index/selfSignedCert:SelfSignedCert": async (inputs, now) => {
    const privateKeyPem = String(inputs["privateKeyPem"]);
    const request = await certificates.selfRequest(privateKeyPem, inputs["subject"] as Subject, inputs as Hosts);
    const keyAlgorithm = certificates.algorithmOf(privateKeyPem);
    return issue(request, privateKeyPem, undefined, inputs, now, { keyAlgorithm });
  },
  "tls:index/locallySignedCert:LocallySignedCert": async (inputs, now) => {
    const caPrivateKeyPem = String(inputs["caPrivateKeyPem"]);
    const request = await certificates.parseRequest(String(inputs["certRequestPem"]));
    const caKeyAlgorithm = certificates.algorithmOf(caPrivateKeyPem);
    return issue(request, caPrivateKeyPem, String(inputs["caCertPem"]), inputs, now, { caKeyAlgorithm });
  },
};

async function issue(
  request: certificates.CertificateRequest,
  signerKeyPem: string,
  caCertPem: string | undefined,
  inputs: Properties,
  now: Date,
  more: Properties,
) {
  const options = inputs as unknown as CertificateOptions;
  const made = await certificates.makeCertificate(request, signerKeyPem, caCertPem, options, now);
  return {
    id: made.id,
    outputs: {
      ...more,
      certPem: made.certPem,
      validityStartTime: made.notBefore.toISOString(),
      validityEndTime: made.notAfter.toISOString(),
      readyForRenewal: isAlwaysReady(inputs),
    },
  };
}

function isReadyForRenewal(certificate: ProviderResource, earlyRenewalHours: unknown, now: Date): boolean {
  const end = certificate.outputs["validityEndTime"];
  return end !== undefined && now.getTime() >= Date.parse(String(end)) - Number(earlyRenewalHours ?? 0) * 3_600_000;
}

/** A renewal window as long as the validity: the provider plans such a certificate as ready from the start. */
const isAlwaysReady = (inputs: Properties) =>
  Number(inputs["earlyRenewalHours"] ?? 0) >= Number(inputs["validityPeriodHours"]);

const secondOf = (now: Date) => Math.floor(now.getTime() / 1000);
let last: { provider?: TlsProvider; second: number } = { second: 0 };

/** `@pulumi/tls`: every input but the renewal window replaces; nothing outside the state is touched. */
export class TlsProvider implements Provider {
  constructor(private readonly now: () => Date) {}

  diff(old: ProviderResource, goal: Goal): Difference {
    const changed = changedKeys(old.inputs, goal.inputs);
    const renew = isReadyForRenewal(old, goal.inputs["earlyRenewalHours"], this.now());
    const wasReady = old.outputs["readyForRenewal"];
    const moved = wasReady !== undefined && wasReady !== isAlwaysReady(goal.inputs);
    const replace = renew || changed.some((key) => key !== "earlyRenewalHours");
    return { changed: renew || moved ? [...changed, "readyForRenewal"] : changed, replace };
  }

  plan(goal: Goal, old?: ProviderResource): Properties {
    return { ...DEFAULTS[goal.type], ...old?.outputs, ...goal.inputs };
  }

  async create(goal: Goal) {
    const make = makers[goal.type];
    if (!make) throw new Error(`the stand-in knows no ${goal.type}`);
    const inputs = { ...DEFAULTS[goal.type], ...goal.inputs };
    const { id, outputs } = await make(inputs, await this.timeOfIssue());
    return { id, outputs: { ...inputs, ...outputs } };
  }

  /** Pulumi's engine never issues within the same second in two runs: it takes longer. A new certificate ends later. */
  private async timeOfIssue(): Promise<Date> {
    while (last.provider !== this && last.second === secondOf(this.now())) await setTimeout(20);
    last = { provider: this, second: secondOf(this.now()) };
    return this.now();
  }

  async update(old: ProviderResource, goal: Goal) {
    const readyForRenewal = isAlwaysReady(goal.inputs);
    return { ...old.outputs, ...DEFAULTS[goal.type], ...goal.inputs, readyForRenewal };
  }

  async read(resource: ProviderResource) {
    const { outputs } = resource;
    const ready = isReadyForRenewal(resource, outputs["earlyRenewalHours"], this.now());
    return { outputs: ready ? { ...outputs, readyForRenewal: true } : outputs };
  }
}
