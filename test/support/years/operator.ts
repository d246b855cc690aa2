import type { CertificateAuthorityArgs, EtcdPkiArgs } from "../../../src/pki/args";

/** What a person does to the declaration between two updates. */
export type Change =
  | "nothing"
  | "hosts"
  | "member comes"
  | "member goes"
  | "component comes"
  | "component goes"
  | "renewNow"
  | "rotateKey"
  | "keyAlgorithm"
  | "rotation"
  | "cross-signed rotation"
  | "rotation that goes back once"
  | "reissue";

// Often the same: what a draw repeats is more likely.
/** The changes to draw from. */
export const changes: Change[] = [
  ...(["nothing", "nothing", "hosts", "member comes", "member goes", "component comes", "component goes"] as const),
  ...(["renewNow", "rotateKey", "keyAlgorithm", "reissue"] as const),
  ...(["rotation", "cross-signed rotation", "rotation that goes back once"] as const),
];

const sides = ["certificateAuthority", "peerCertificateAuthority"] as const;
type Side = (typeof sides)[number];

/** Somebody who keeps a stack over years, changes it and follows what it asks for. */
export class Operator {
  /** How many rotations were begun. */
  rotations = 0;
  /** How often an authority's end was announced. */
  announcements = 0;
  private readonly args: EtcdPkiArgs & { members: NonNullable<EtcdPkiArgs["members"]> };
  private readonly components: NonNullable<EtcdPkiArgs["components"]> = { app: {}, root: {} };
  private readonly stages: Record<Side, CertificateAuthorityArgs[]> = {
    certificateAuthority: [],
    peerCertificateAuthority: [],
  };
  private readonly current: Record<Side, CertificateAuthorityArgs> = {
    certificateAuthority: { generations: ["1"] },
    peerCertificateAuthority: { generations: ["1"] },
  };
  private readonly reissue: Record<Side, Record<string, string>> = {
    certificateAuthority: {},
    peerCertificateAuthority: {},
  };
  private asked: { side: Side; change: Change }[] = [];
  private count = 1;

  constructor(
    defaults: EtcdPkiArgs["defaults"],
    private readonly authority: CertificateAuthorityArgs,
  ) {
    const members = { "etcd-1": { hosts: ["10.0.0.1"] }, "etcd-2": { hosts: ["10.0.0.2"] } };
    this.args = {
      members,
      proxies: { proxy: { hosts: ["10.0.0.9"] } },
      defaults,
      gatewayCertificate: true,
      etcdVersion: "3.6.0",
    };
  }

  get declared(): EtcdPkiArgs {
    const { args, components } = this;
    const ofSide = (side: Side) =>
      [side, { ...this.authority, ...this.current[side], ...this.reissues(side) }] as const;
    return { ...args, components, ...Object.fromEntries(sides.map(ofSide)) };
  }

  /** Makes a change, the next stage of each rotation under way, and what was asked for. Says what it was. */
  change(change: Change, text: string): string {
    const taken = sides.filter((side) => this.advance(side)).map((side) => `the next stage of ${side}`);
    const urgent = this.asked.splice(0).filter(({ side }) => this.stages[side].length === 0);
    for (const { side, change } of urgent) this.changeAuthority(side, change, text);
    const side = sides[this.count % 2] as Side;
    const free = taken.length === 0 && !urgent.some((row) => row.side === side);
    if (change.includes("rotation") || change === "reissue") {
      if (free && this.stages[side].length === 0) this.changeAuthority(side, change, text);
    } else this.changeIdentities(change, text);
    return [...taken, ...urgent.map((row) => `${row.change} of ${row.side}`), change].join(", ");
  }

  /** Reads what an update says, and does what it asks for in the next one: a reissue and a rotation by turns. */
  read(log: string): void {
    for (const side of sides) {
      if (!new RegExp(`the generation "[^"]+" of ${side} ends on`).test(log)) continue;
      this.announcements++;
      if (this.stages[side].length > 0) continue;
      this.asked.push({ side, change: this.announcements % 2 === 0 ? "reissue" : "cross-signed rotation" });
    }
  }

  private reissues(side: Side): Pick<CertificateAuthorityArgs, "reissue"> {
    const { generations = [], distrusted = [] } = this.current[side];
    const kept = Object.entries(this.reissue[side]).filter(([name]) => [...generations, ...distrusted].includes(name));
    return kept.length > 0 ? { reissue: Object.fromEntries(kept) } : {};
  }

  private advance(side: Side): boolean {
    const next = this.stages[side].shift();
    if (next) this.current[side] = next;
    return next !== undefined;
  }

  private changeAuthority(side: Side, change: Change, text: string): void {
    const old = this.current[side].generations?.at(-1) as string;
    if (change === "reissue") this.reissue[side][old] = text;
    else {
      this.rotations++;
      this.stages[side] = stagesOf(change, old, `${++this.count}`);
      this.advance(side);
    }
  }

  private changeIdentities(change: Change, text: string): void {
    const { members } = this.args;
    const name = `${++this.count}`;
    const member = Object.keys(members)[this.count % Object.keys(members).length] as string;
    const component = Object.keys(this.components).at(-1) as string;
    if (change === "hosts") members[member] = { ...members[member], hosts: [`10.0.0.${this.count % 250}`] };
    if (change === "member comes" && Object.keys(members).length < 4)
      members[`etcd-${name}`] = { hosts: [`${member}.example.com`] };
    if (change === "member goes" && Object.keys(members).length > 1) delete members[member];
    if (change === "component comes" && Object.keys(this.components).length < 4) this.components[`app-${name}`] = {};
    if (change === "component goes" && component.startsWith("app-")) delete this.components[component];
    if (change === "renewNow" || change === "rotateKey")
      this.components[component] = { ...this.components[component], [change]: text };
    if (change === "keyAlgorithm") {
      const keyAlgorithm = this.count % 2 === 0 ? "ED25519" : "ECDSA-P384";
      this.components[component] = { ...this.components[component], keyAlgorithm };
    }
  }
}

function stagesOf(change: Change, old: string, fresh: string): CertificateAuthorityArgs[] {
  const both = { generations: [old, fresh] };
  const distrust = { generations: [fresh], distrusted: [old] };
  const crossSignedBy = { [fresh]: old };
  const end = { generations: [fresh] };
  const sign = { ...both, signing: fresh, crossSignedBy };
  if (change === "rotation") return [{ ...both, signing: old }, { ...both, signing: fresh }, distrust, end];
  if (change === "cross-signed rotation") return [sign, { ...distrust, crossSignedBy }, end];
  const back = { generations: [old], distrusted: [fresh], crossSignedBy };
  return [sign, back, sign, { ...distrust, crossSignedBy }, sign, { ...distrust, crossSignedBy }, end];
}
