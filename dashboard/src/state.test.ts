import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERVALS, PERIODS, addDays } from "./dates";
import { FILTERS, emptyView, formatView, parseView, type View } from "./state";

const text = (max: number) => fc.string({ minLength: 1, maxLength: max, unit: "grapheme" })
  .map((given) => given.replaceAll("\0", "").toWellFormed()).filter((given) => given !== "" && given.length <= max);
const day = fc.integer({ min: 0, max: 60_000 }).map((count) => addDays("1975-01-01", count));
const range = fc.tuple(day, fc.integer({ min: 0, max: 500 })).map(([from, days]) => ({ from, to: addDays(from, days) }));
const hours = day.chain((each) => fc.integer({ min: 0, max: 22 }).map((hour) => {
  const two = (value: number) => String(value).padStart(2, "0");
  return { from: `${each}T${two(hour)}:00`, to: `${each}T${two(hour + 1)}:59` };
}));
const word = fc.stringMatching(/^[a-z0-9_-]{1,12}$/).filter((given) => given !== "__proto__");

const view: fc.Arbitrary<View> = fc.record({
  period: fc.oneof(fc.constantFrom(...PERIODS).map((name) => ({ name })), range, hours, day.map((from) => ({ from, to: "" }))),
  compare: fc.oneof(fc.constantFrom("off" as const, "prev" as const, "year" as const), range),
  matchesWeekday: fc.boolean(),
  interval: fc.constantFrom(null, ...INTERVALS),
  filters: fc.array(fc.record({ name: fc.constantFrom(...FILTERS) as fc.Arbitrary<string>, value: text(80) }), { maxLength: 6 }),
  segment: fc.oneof(fc.constant(""), word),
  segment2: fc.oneof(fc.constant(""), word),
  bots: fc.constantFrom("out" as const, "in" as const, "only" as const),
  attribution: fc.constantFrom("last" as const, "first" as const),
  metric: word,
  tabs: fc.dictionary(word, word, { maxKeys: 4 }),
  orders: fc.dictionary(word, fc.constantFrom("revenue", "-visitors"), { maxKeys: 3 }),
  details: fc.oneof(fc.constant(""), word),
  search: fc.oneof(fc.constant(""), text(60)),
  sort: fc.oneof(fc.constant(""), fc.constantFrom("visitors", "-revenue")),
  page: fc.integer({ min: 1, max: 9_999 }),
  extra: fc.record({
    start: text(60).map((each) => [each]), step: fc.array(text(60), { minLength: 1, maxLength: 5 }), n: fc.constant(["7"]),
    dir: fc.constant(["backward"]), x: fc.array(text(30), { minLength: 1, maxLength: 3 }),
  }, { requiredKeys: [] }),
});

describe("the view in the URL", () => {
  it("is read as it was written, with nothing dropped", () => {
    fc.assert(fc.property(view, (given) => {
      const { view: read, dropped } = parseView(formatView(given));
      expect(dropped).toEqual([]);
      expect({ ...read, tabs: { ...read.tabs }, orders: { ...read.orders } }).toEqual({ ...given, tabs: { ...given.tabs }, orders: { ...given.orders } });
    }));
  });

  it("never throws, and is written in one way only", () => {
    const pair = fc.tuple(fc.constantFrom("p", "c", "cw", "i", "f", "s", "b", "a", "m", "t.x", "d", "q", "page", "n", "zz", "__proto__"), fc.string());
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(pair, { maxLength: 8 }).map((pairs) => new URLSearchParams(pairs).toString())), (query) => {
      const once = formatView(parseView(query).view);
      expect(formatView(parseView(once).view)).toBe(once);
    }));
  });

  it("has nothing to say of what is as it is by default", () => {
    expect(formatView(emptyView())).toBe("");
  });

  it("reads well", () => {
    const query = "?p=2026-10-29..2026-11-27&f=channel:Organic%20Search|Referral&f=country:!Germany|Austria&m=revenue";
    expect(formatView(parseView(query).view)).toBe(query);
  });

  it.each([
    "p=40d", "p=2026-02-30..2026-03-01", "p=2026-03-01..2026-02-01", "p=2026-11-01T24:00..", "c=never", "c=2026-01-01..", "cw=1", "i=year",
    "f=colour:blue", "f=country", "f=country:", "b=out", "a=last", "m=%3Cscript%3E", "page=0", "page=x", "n=11", "step=", "utm_source=x",
  ])("drops %s and says so", (query) => {
    const { view: read, dropped } = parseView(query);
    expect(dropped).toHaveLength(1);
    expect(formatView(read)).toBe("");
  });
});
