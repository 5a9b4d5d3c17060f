import { expect, test } from "vitest";
import { graphOf } from "./flow";
import type { FunnelRow } from "./funnel";
import type { List } from "./panels";
import { differenceOf, pairGroups, pairRows, pointsText, sharesBeside, sharesOfOwn, sortPairs, timesOf } from "./two";

function list(rows: Record<string, number>, total = Object.keys(rows).length, offset = 0): List {
  const data = Object.entries(rows).map(([value, percentage]) => ({ value, percentage }));
  return { data, totals: {}, pagination: { limit: 1000, offset, total } };
}
const shares = (a: List, b: List, sort = "") => sortPairs(pairRows(a, b), sort).map(({ row, a: first, b: second }) => [row.value, first, second]);

test("a row that only one segment has is nothing in the other", () => {
  expect(shares(list({ x: 50, y: 10 }), list({ z: 30 }))).toEqual([["x", 50, 0], ["z", 0, 30], ["y", 10, 0]]);
});

test("what a list that ends too early lacks is not known, and comes last by difference", () => {
  const rows = sortPairs(pairRows(list({ x: 50 }, 2), list({ x: 20, y: 30 })), "difference");
  expect(rows.map((row) => [row.row.value, differenceOf(row)])).toEqual([["x", 30], ["y", null]]);
  expect(shares(list({ x: 50 }, 2), list({ x: 20, y: 30 }), "-difference").map(([value]) => value)).toEqual(["x", "y"]);
});

test("rows are sorted by either side and by the difference, both ways", () => {
  const [a, b] = [list({ x: 50, y: 10, z: 5 }), list({ x: 20, y: 40, z: 5 })];
  const order = (sort: string) => shares(a, b, sort).map(([value]) => value).join("");
  expect(["", "a", "b", "difference", "-difference", "-a"].map(order)).toEqual(["xyz", "xyz", "yxz", "xzy", "yzx", "zyx"]);
});

test("places of the same name in two regions are two rows", () => {
  const place = (region: string, percentage: number): List => ({ ...list({}, 1), data: [{ value: "Springfield", region, countryCode: "US", percentage }] });
  expect(pairRows(place("Ohio", 1), place("Iowa", 2)).map(({ a, b }) => [a, b])).toEqual([[1, 0], [0, 2]]);
});

test("times", () => {
  expect([timesOf(10, 5), timesOf(5, 10), timesOf(1, 0), timesOf(0, 0)]).toEqual([{ isA: true, times: 2 }, { isA: false, times: 2 }, null, null]);
});

function funnelOf(groups: Record<string, [number, number]>): FunnelRow[] {
  return Object.entries(groups).flatMap(([breakdown, [started, completed]]) => [started, completed].map((users, index) => ({
    step: index + 1, event: "x", breakdown, users, conversion_from_start: started ? users / started : null,
    conversion_from_previous: null, dropoff_from_previous: null, median_seconds_from_previous: null,
  })));
}

test("a value that a funnel lacks is nobody, unless it may be among its Others", () => {
  const groups = pairGroups(funnelOf({ x: [4, 2], Others: [10, 5] }), funnelOf({ y: [8, 2] }));
  expect(groups.map(({ value, othersOf, a, b }) => [value, othersOf, a?.started, b?.started])).toEqual([
    ["x", "", 4, 0], ["y", "", undefined, 8], ["Others", "a", 10, undefined],
  ]);
  expect(groups[0]!.b!.share).toBeNull();
});

test("Others of two funnels are two rows", () => {
  const groups = pairGroups(funnelOf({ Others: [10, 5], x: [4, 2] }), funnelOf({ Others: [3, 1] }));
  expect(groups.map(({ value, othersOf }) => value + othersOf)).toEqual(["x", "Othersa", "Othersb"]);
});

test("those who left are never among the other flow's Others", () => {
  const row = (step: number, source: string, target: string) => ({ step, source, target, transitions: 1, percentage: 1 });
  const a = graphOf([row(1, "/", "/x"), row(1, "/", "__DROP_OFF__")], false);
  const b = graphOf([row(1, "/", "Others")], false);
  expect([...sharesBeside(a, b, 1)]).toEqual([["0:/", 1], ["1:/x", null], ["1:__DROP_OFF__", 0]]);
});

test("a difference that is written as nothing has no sign", () => {
  expect([pointsText(0.001), pointsText(-0.001), pointsText(1.5), pointsText(-1.5), pointsText(0.04, 1), pointsText(30.1 - 30, 1)]).toEqual(["0.00", "0.00", "+1.50", "−1.50", "0.0", "+0.1"]);
});

test("a series as shares of its own whole, which may be nothing", () => {
  const series = { interval: "day", data: [{ visitors: 5, sessions: 9 }, { sessions: 1 }] };
  expect(sharesOfOwn(series, "visitors", 20)).toEqual({ interval: "day", data: [{ visitors: 25, sessions: 9 }, { visitors: 0, sessions: 1 }] });
  expect(sharesOfOwn(series, "visitors", 0).data.map(({ visitors }) => visitors)).toEqual([0, 0]);
});
