import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import {
  clampedValidityHours,
  hoursAfter,
  hoursBetween,
  lifetimeOf,
  lifetimeWarnings,
  spread,
  staggeredEarlyRenewalHours,
} from "../../../src/pki/lifetime";

const year = 8760;

describe("the renewal windows", () => {
  it("of three members open days apart", () => {
    const opens = ["etcd-1", "etcd-2", "etcd-3"]
      .map((name) => staggeredEarlyRenewalHours(name, year))
      .sort((a, b) => a - b);
    for (const [i, hours] of opens.slice(1).entries()) assert.ok(hours - (opens[i] ?? 0) >= 48, String(opens));
  });

  it("are a third of a short life, and 30 days of a long one, opened up to half again as early by the name alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 3, max: 100_000 }), (name, validity) => {
        const least = Math.min(720, Math.floor(validity / 3));
        const hours = staggeredEarlyRenewalHours(name, validity);
        assert.ok(hours >= least && hours <= least * 1.5 && hours < validity);
      }),
    );
  });

  it("stand at the same place in every process and release", () => {
    assert.deepEqual(
      ["etcd-1", "etcd-2", "etcd-3", "root"].map((name) => staggeredEarlyRenewalHours(name, year)),
      [941, 803, 1026, 821],
    );
  });

  it("are spread evenly over a hundred numbered members", () => {
    const places = Array.from({ length: 100 }, (_, i) => spread(`m${i}`)).sort((a, b) => a - b);
    for (const [i, place] of places.slice(1).entries()) assert.ok(place - (places[i] ?? 0) < 0.03);
  });

  it("shorter than a week are worth a warning, since an update a week would miss them", () => {
    assert.deepEqual(lifetimeWarnings("a", "a", { validityPeriodHours: 720 }), []);
    assert.match(
      lifetimeWarnings("a", "a", { validityPeriodHours: 168 }).join(),
      /last \d+ hours of its life, less than a week/,
    );
    assert.match(lifetimeWarnings("a", "a", { earlyRenewalHours: 24 }).join(), /last 24 hours/);
  });
});

describe("a certificate's life", () => {
  const total = 10 * year;
  const life = (left: number, name = "etcd-1") => clampedValidityHours(name, year, { total, left });

  it("is what was asked for while its authority lives on for long enough", () => {
    assert.equal(life(1.5 * year), year);
    assert.equal(clampedValidityHours("etcd-1", total, { total, left: total - 0.01 }), total);
  });

  it("never outlives its authority", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 2 * total }),
        fc.integer({ min: 1, max: total }),
        (name, v, left) => assert.ok(clampedValidityHours(name, v, { total, left }) <= left + 1),
      ),
    );
  });

  it("is never cut to less than a third of what is left, and changes a few times only as that shrinks", () => {
    const lives = Array.from({ length: year }, (_, i) => life(year - i));
    for (const [i, hours] of lives.entries()) assert.ok(hours >= Math.floor((year - i) / 3) || hours === 1);
    assert.ok(new Set(lives).size <= 14, String(new Set(lives).size));
  });

  it("is an hour of an authority that has ended", () => assert.equal(life(-5), 1));

  it("is not cut for every member in the same update", () => {
    const left = 1.25 * year;
    assert.equal(new Set(["etcd-1", "etcd-2", "etcd-3"].map((name) => life(left, name))).size, 2);
  });

  it("has the window that was asked for, or its own where that does not fit any more", () => {
    const authority = { total, left: 100 };
    assert.equal(lifetimeOf("a", { earlyRenewalHours: 20 }, authority).earlyRenewalHours, 20);
    const { validityPeriodHours, earlyRenewalHours } = lifetimeOf("a", { earlyRenewalHours: 2000 }, authority);
    assert.ok(earlyRenewalHours < validityPeriodHours);
  });
});

describe("time", () => {
  it("counts in hours from RFC 3339", () => {
    assert.equal(hoursAfter("2027-01-02T00:00:00Z", -24), "2027-01-01T00:00:00Z");
    assert.equal(hoursAfter("2027-01-02T01:00:00+01:00", 0), "2027-01-02T00:00:00Z");
    assert.equal(hoursBetween(new Date("2027-01-01T00:00:00Z"), "2027-01-02T12:00:00Z"), 36);
    assert.equal(hoursAfter("mocked:etcd-1", 1), undefined);
    assert.equal(hoursBetween(new Date(), "mocked:etcd-1"), undefined);
  });
});
