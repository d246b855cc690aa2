import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { now } from "../../../src/clock";
import {
  clampedValidityHours,
  hoursAfter,
  hoursBetween,
  spread,
  staggeredEarlyRenewalHours,
} from "../../../src/pki/renewal";

const year = 8760;

describe("the renewal windows", () => {
  it("of three members open days apart", () => {
    const opens = ["etcd-1", "etcd-2", "etcd-3"]
      .map((name) => staggeredEarlyRenewalHours(name, year))
      .sort((a, b) => a - b);
    for (const [i, hours] of opens.slice(1).entries()) assert.ok(hours - (opens[i] ?? 0) >= 48, String(opens));
  });

  it("open by the name alone, at least the default and at most half of it earlier", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 100_000 }), (name, validity) => {
        const least = Math.min(720, Math.floor(validity / 10));
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
        fc.integer({ min: 1, max: total }),
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
});

describe("time", () => {
  it("counts in hours from RFC 3339", () => {
    assert.equal(hoursAfter("2027-01-02T00:00:00Z", -24), "2027-01-01T00:00:00Z");
    assert.equal(hoursAfter("2027-01-02T01:00:00+01:00", 0), "2027-01-02T00:00:00Z");
    assert.equal(hoursBetween(new Date("2027-01-01T00:00:00Z"), "2027-01-02T12:00:00Z"), 36);
    assert.equal(hoursAfter("mocked:etcd-1", 1), undefined);
    assert.equal(hoursBetween(new Date(), "mocked:etcd-1"), undefined);
  });

  it("is what a test injects", () => {
    process.env["ETCD_PKI_NOW"] = "2030-01-01T00:00:00Z";
    assert.equal(now().toISOString(), "2030-01-01T00:00:00.000Z");
    process.env["ETCD_PKI_NOW"] = "later";
    assert.throws(now, /ETCD_PKI_NOW is later; give a time/);
    delete process.env["ETCD_PKI_NOW"];
    assert.ok(Math.abs(now().getTime() - Date.now()) < 60_000);
  });
});
