import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, addMonths, bucketPeriod, daysBetween, intervalOf, isDay, isMoment, localMinute, offeredIntervals, PERIODS, shift, spanOf, today, weekdayOf } from "./dates";

const NOON = Date.parse("2026-11-28T11:00:00Z");
const BERLIN = "Europe/Berlin";
const named = (name: (typeof PERIODS)[number], nowMs = NOON, zone = BERLIN) => spanOf({ name }, nowMs, zone);

describe("periods", () => {
  it.each([
    ["today", "2026-11-28", "2026-11-28"], ["yesterday", "2026-11-27", "2026-11-27"], ["7d", "2026-11-21", "2026-11-27"],
    ["30d", "2026-10-29", "2026-11-27"], ["91d", "2026-08-29", "2026-11-27"], ["month", "2026-11-01", "2026-11-28"],
    ["last-month", "2026-10-01", "2026-10-31"], ["year", "2026-01-01", "2026-11-28"], ["12m", "2025-11-28", "2026-11-27"],
    ["24h", "2026-11-27T13:00", "2026-11-28T12:59"], ["all", "", ""],
  ] as const)("%s is %s to %s", (name, startAt, endAt) => {
    expect(named(name)).toMatchObject({ startAt, endAt });
  });

  it("follow the website's day, not the reader's", () => {
    const late = Date.parse("2026-11-28T18:30:00Z");
    expect(named("today", late, "Asia/Kathmandu").startAt).toBe("2026-11-29");
    expect(named("today", late, "America/Los_Angeles").startAt).toBe("2026-11-28");
    expect(localMinute(late, "Asia/Kathmandu")).toBe("2026-11-29T00:15");
  });

  it("that end yesterday are closed, those with today are open", () => {
    expect(PERIODS.filter((name) => named(name).isOpen)).toEqual(["today", "24h", "month", "year", "all"]);
  });

  it("move by their own length, months by months, and never beyond today", () => {
    expect(shift({ name: "30d" }, -1, NOON, BERLIN)).toEqual({ from: "2026-09-29", to: "2026-10-28" });
    expect(shift({ name: "last-month" }, -1, NOON, BERLIN)).toEqual({ from: "2026-09-01", to: "2026-09-30" });
    expect(shift({ from: "2026-02-01", to: "2026-02-28" }, -1, NOON, BERLIN)).toEqual({ from: "2026-01-01", to: "2026-01-31" });
    expect(shift({ name: "today" }, 1, NOON, BERLIN)).toBeNull();
    expect(shift({ name: "30d" }, 1, NOON, BERLIN)).toEqual({ from: "2026-11-28", to: "2026-11-28" });
    expect(shift({ from: "2026-11-28T08:00", to: "2026-11-28T08:59" }, -1, NOON, BERLIN)).toEqual({ from: "2026-11-28T07:00", to: "2026-11-28T07:59" });
    expect(shift({ name: "all" }, -1, NOON, BERLIN)).toBeNull();
  });
});

describe("days", () => {
  const day = fc.integer({ min: 0, max: 70_000 }).map((count) => addDays("1975-01-01", count));

  it("are counted and moved without gaps", () => {
    fc.assert(fc.property(day, fc.integer({ min: -900, max: 900 }), (from, count) => {
      const to = addDays(from, count);
      expect(isDay(to)).toBe(true);
      expect(daysBetween(from, to)).toBe(count + 1);
      expect((((weekdayOf(from) + count) % 7) + 7) % 7).toBe(weekdayOf(to));
    }));
  });

  it("of a shorter month are its last", () => {
    expect([addMonths("2026-01-31", 1), addMonths("2028-02-29", -12), addMonths("2026-12-15", 1)]).toEqual(["2026-02-28", "2027-02-28", "2027-01-15"]);
  });

  it.each(["2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "1969-12-31", "", "2026-11-28T9:00", "2026-11-28T25:00"])("are not written %s", (text) => {
    expect(isMoment(text)).toBe(false);
  });

  it("of a local clock are 23 or 25 hours twice a year", () => {
    const at = (text: string) => Date.parse(text);
    expect(today(at("2026-10-24T22:00:00Z"), BERLIN)).toBe("2026-10-25");
    expect(today(at("2026-10-25T22:59:00Z"), BERLIN)).toBe("2026-10-25");
    expect(today(at("2026-10-25T23:00:00Z"), BERLIN)).toBe("2026-10-26");
  });
});

describe("intervals", () => {
  it("are offered where they show something", () => {
    expect([1, 7, 30, 365, 0].map(offeredIntervals)).toEqual([["hour"], ["hour", "day"], ["day", "week"], ["day", "week", "month"], ["week", "month"]]);
  });

  it("fall back to the usual one", () => {
    expect([intervalOf(null, 30), intervalOf("hour", 90), intervalOf("week", 90), intervalOf(null, 1), intervalOf(null, 365)]).toEqual(["day", "day", "week", "hour", "month"]);
  });

  it("of a bucket are the days that it has", () => {
    const span = spanOf({ name: "91d" }, NOON, BERLIN);
    expect(bucketPeriod("2026-11-23T00:00:00+01:00", "week", span)).toEqual({ from: "2026-11-23", to: "2026-11-27" });
    expect(bucketPeriod("2026-11-16T00:00:00+01:00", "week", span)).toEqual({ from: "2026-11-16", to: "2026-11-22" });
    expect(bucketPeriod("2026-10-01T00:00:00+02:00", "month", span)).toEqual({ from: "2026-10-01", to: "2026-10-31" });
    expect(bucketPeriod("2026-10-05T08:00:00+02:00", "hour", span)).toEqual({ from: "2026-10-05T08:00", to: "2026-10-05T08:59" });
  });
});
