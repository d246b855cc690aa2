import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import type { Side } from "../../../../src/naming";
import { stagesOf } from "../../../../src/pki/authority/stages";
import type { AuthorityState } from "../../../../src/pki/authority/trust";
import {
  clientBundle,
  crossSigners,
  declaration,
  memberBundle,
  stepProblems,
} from "../../../../src/pki/authority/trust";

const one: AuthorityState = { generations: ["1"], signing: "1" };
const trust: AuthorityState = { generations: ["1", "2"], signing: "1" };
const sign: AuthorityState = { generations: ["1", "2"], signing: "2" };
const distrust: AuthorityState = { generations: ["2"], signing: "2", distrusted: ["1"] };
const two: AuthorityState = { generations: ["2"], signing: "2" };
const crossSign: AuthorityState = { ...sign, crossSignedBy: { "2": "1" } };
const crossDistrust: AuthorityState = { ...distrust, crossSignedBy: { "2": "1" } };
const rolledBack: AuthorityState = { ...one, distrusted: ["2"], crossSignedBy: { "2": "1" } };
const foreign: AuthorityState = { generations: ["old"], keyless: ["old"] };
const foreignTrust: AuthorityState = { generations: ["1", "old"], keyless: ["old"] };
const foreignSign: AuthorityState = { ...foreignTrust, signing: "1" };

const safe: [string, AuthorityState, AuthorityState][] = [
  ["to trust a second generation", one, trust],
  ["to sign with what is trusted", trust, sign],
  ["to distrust what signs nothing", sign, distrust],
  ["to forget what is distrusted", distrust, two],
  ["to sign at once with what the old one signed, too", one, crossSign],
  ["to distrust the old one while the cross certificate stays", crossSign, crossDistrust],
  ["to retire the cross certificate", crossDistrust, two],
  ["back from trust", trust, { ...one, distrusted: ["2"] }],
  ["back from sign", sign, trust],
  ["back from distrust", distrust, sign],
  ["back from the cross-signed sign", crossSign, rolledBack],
  ["back from the cross-signed distrust", crossDistrust, crossSign],
  ["to sign again after going back", rolledBack, crossSign],
  ["to trust another one beside an authority without its key", foreign, foreignTrust],
  ["to sign beside it once that is trusted", foreignTrust, foreignSign],
  ["back from signing beside it", foreignSign, foreignTrust],
];

const refused: [string, AuthorityState, AuthorityState, RegExp][] = [
  ["to sign with what nobody trusts", one, sign, /signing is "2", which cannot sign yet.*trusts only "1"/],
  ["to replace the authority at once", one, two, /signing is "2", which cannot sign yet/],
  [
    "to drop what signed the certificates in use",
    trust,
    { ...two, distrusted: ["1"] },
    /no longer trusts "1", which signed/,
  ],
  ["to drop a generation with its key", sign, two, /names generation "1" no longer.*first keep it as distrusted/],
  ["to drop trust before clients have the cross certificate", one, crossDistrust, /no longer trusts "1", which signed/],
  ["to retire before members have restarted", crossSign, { ...sign }, /crossSignedBy no longer has "2"/],
  ["to go back two stages at once", { ...two, distrusted: ["1"] }, one, /signing is "1", which cannot sign yet/],
  [
    "to sign beside an authority without its key at once",
    foreign,
    foreignSign,
    /"1", which cannot sign yet.*first trust it/,
  ],
  [
    "to lose the key of what signed the certificates in use",
    { ...one, existing: ["1"] },
    { generations: ["1"], keyless: ["1"], existing: ["1"] },
    /no private key for "1" any more.*give its privateKeyPem again/,
  ],
];

describe("a step of trust", () => {
  for (const [what, last, next] of safe) {
    it(`is allowed ${what}`, () => assert.deepEqual(stepProblems("client", last, next), []));
  }
  for (const [what, last, next, message] of refused) {
    it(`is refused ${what}`, () => assert.match(stepProblems("client", last, next).join("\n"), message));
  }

  it("is refused while a certificate that an update left out is still of the generation that leaves", () => {
    const inUse = [{ signer: "1", paths: ['members["b"]'] }];
    assert.deepEqual(stepProblems("client", sign, distrust), []);
    assert.match(
      stepProblems("client", sign, distrust, inUse).join(),
      /left out members\["b"\], whose certificates are still of "1"/,
    );
    assert.deepEqual(stepProblems("client", sign, sign, inUse), []);
  });

  it("from a shared authority to one of the peers' own goes as any other", () => {
    const shared: AuthorityState = { generations: ["client:1"], signing: "client:1" };
    const leaving: AuthorityState = {
      generations: ["1", "client:1"],
      signing: "1",
      crossSignedBy: { "1": "client:1" },
    };
    const own: AuthorityState = { generations: ["1"], signing: "1", crossSignedBy: { "1": "client:1" } };
    assert.deepEqual(stepProblems("peer", shared, leaving), []);
    assert.deepEqual(stepProblems("peer", leaving, own), []);
    assert.deepEqual(stepProblems("peer", own, one), []);
    assert.match(
      stepProblems("peer", shared, one).join(),
      /peerCertificateAuthority.signing is "1", which cannot sign yet/,
    );
  });
});

describe("a cross certificate as a step to make first", () => {
  const message = (side: Side, next: AuthorityState) => stepProblems(side, one, next).join();

  it("is offered where it can be made: for a generation of the package's own", () => {
    assert.match(message("client", two), /crossSignedBy: \{ "2": "1" \}/);
    assert.doesNotMatch(message("client", { ...two, existing: ["2"] }), /crossSignedBy/);
    assert.doesNotMatch(message("peer", { generations: ["client:1"], signing: "client:1" }), /crossSignedBy/);
  });
});

// Whoever restarts when, before, during and after an update: a program has the certificate of the last state or of the next
// one, and trusts what it trusted then or trusts now. This walks all of them, one by one, with the sets written out again.
function breaks(last: AuthorityState, next: AuthorityState): boolean {
  const verifiesBy = (state: AuthorityState) => new Set([state.signing, ...crossSigners(state, state.signing ?? "")]);
  const states = [last, next];
  return states.some((held) =>
    states.some((read) => {
      const certificate = verifiesBy(held);
      const member = read.generations.filter(
        (name) => !read.generations.includes(read.crossSignedBy?.[name] ?? "none"),
      );
      return !member.some((name) => certificate.has(name)) || !read.generations.some((name) => certificate.has(name));
    }),
  );
}

const names = ["1", "2", "3"];
const states = fc
  .record({
    generations: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
    distrusted: fc.uniqueArray(fc.constantFrom(...names)),
    signing: fc.nat(2),
    cross: fc.option(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { nil: undefined }),
  })
  .map(({ generations, distrusted, signing, cross }): AuthorityState => {
    const kept = distrusted.filter((name) => !generations.includes(name));
    const known = [...generations, ...kept];
    const [name = "", by = ""] = cross ?? [];
    return {
      generations: [...generations].sort(),
      signing: generations[signing % generations.length] as string,
      ...(kept.length > 0 && { distrusted: kept.sort() }),
      ...(name !== by && known.includes(name) && known.includes(by) && { crossSignedBy: { [name]: by } }),
    };
  });

describe("any step between two states", () => {
  it("is refused exactly where it breaks a connection or drops a key with its generation", () => {
    fc.assert(
      fc.property(states, states, (last, next) => {
        const kept = [...next.generations, ...(next.distrusted ?? [])];
        const drops = last.generations.some((name) => !kept.includes(name));
        assert.equal(stepProblems("client", last, next).length > 0, breaks(last, next) || drops);
      }),
      { numRuns: 2000 },
    );
  });

  it("comes, where it is refused, with steps to make first that are themselves allowed", () => {
    let remedies = 0;
    fc.assert(
      fc.property(states, states, fc.constantFrom<Side>("client", "peer"), (last, next, side) => {
        for (const problem of stepProblems(side, last, next)) {
          for (const state of declaredIn(problem)) {
            remedies++;
            assert.deepEqual(stepProblems(side, last, state), [], `${problem}\nafter ${JSON.stringify(last)}`);
          }
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(remedies > 1000, String(remedies));
  });
});

/** The states that a message declares as TypeScript. */
function declaredIn(problem: string): AuthorityState[] {
  const texts = problem.match(/ertificateAuthority: (\{(?:[^{}]|\{[^{}]*\})*\})/g) ?? [];
  return texts.map((text) => {
    const state = new Function(`return ${text.slice(text.indexOf("{"))}`)() as AuthorityState;
    return { ...state, signing: state.signing ?? state.generations[0] };
  });
}

describe("a declaration in a message", () => {
  it("is the argument that makes the state", () => {
    assert.equal(
      declaration("client", crossDistrust),
      'certificateAuthority: { generations: ["2"], distrusted: ["1"], crossSignedBy: { "2": "1" } }',
    );
  });
});

describe("the bundles", () => {
  it("are one for all but during a cross-signed rotation, in which members go on with the old one", () => {
    assert.deepEqual(
      [memberBundle(trust), clientBundle(trust)],
      [
        ["1", "2"],
        ["1", "2"],
      ],
    );
    assert.deepEqual([memberBundle(crossSign), clientBundle(crossSign)], [["1"], ["1", "2"]]);
    assert.deepEqual([memberBundle(crossDistrust), clientBundle(crossDistrust)], [["2"], ["2"]]);
  });
});

describe("the stages in words", () => {
  const words = (last: AuthorityState, next: AuthorityState, side: Side = "client") =>
    stagesOf(side, last, next).map((stage) => `${stage.name}: ${stage.words}`);
  const said: [string, AuthorityState, AuthorityState, RegExp][] = [
    ["trust", one, trust, /^trust: .*Restart after: every member, one at a time.*then every client and proxy/],
    ["sign", trust, sign, /^sign: .*Restart before: whatever has not restarted since "2" joined/],
    [
      "a cross-signed sign",
      one,
      crossSign,
      /^sign: .*cross certificate by "1". Restart before: nothing. Restart after: no member/,
    ],
    ["distrust", sign, distrust, /^distrust: .*Restart after: every member.*then every client and proxy$/],
    [
      "a cross-signed distrust",
      crossSign,
      crossDistrust,
      /^distrust: .*one at a time.*; clients read the new bundle at their next/,
    ],
    [
      "going back from a cross-signed distrust",
      crossDistrust,
      crossSign,
      /^trust: .*generation "1" is in the CA bundle again.*healthy before the next; no client, unless "1".*since it left$/,
    ],
    ["retire", crossDistrust, two, /^retire: .*Restart after: nothing$/],
    ["reissue", one, { ...one, reissue: { "1": "x" } }, /^reissue: .*in any order$/],
  ];
  for (const [what, last, next, expected] of said) {
    it(`say who restarts for ${what}`, () => {
      assert.equal(words(last, next).length, 1);
      assert.match(words(last, next)[0] ?? "", expected);
    });
  }

  it("ask peers for one restart in a cross-signed rotation, and for none to sign", () => {
    assert.match(words(one, crossSign, "peer")[0] ?? "", /Restart after: nothing, since a member reads its pair/);
    assert.match(
      words(crossSign, crossDistrust, "peer")[0] ?? "",
      /Restart after: every member, one at a time, each healthy before the next$/,
    );
  });

  it("are none where nothing changes", () => assert.deepEqual(words(crossSign, crossSign), []));
});
