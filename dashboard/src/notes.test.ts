import { expect, test } from "vitest";
import { spanOf } from "./dates";
import { bucketOf, flagsOf, localMoment, type NoteRow } from "./notes";

const ZONE = "Europe/Berlin";
const NOON = Date.parse("2026-11-28T11:00:00Z");
const DAYS = spanOf({ from: "2026-11-20", to: "2026-11-22" }, NOON, ZONE);
const STARTS = ["2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"];

test.each([
  ["2026-11-19", -1], ["2026-11-20", 0], ["2026-11-22", 2], ["2026-11-23", -1],
  ["2026-11-20T00:00", 0], ["2026-11-21T23:59:59", 1], ["2026-11-22T23:30:00Z", -1], ["2026-11-19T23:00:00Z", 0], ["2026-11-21T12:00:00-12:00", 2],
])("the note of %s is in bucket %i", (at, index) => {
  expect(bucketOf(localMoment(at, ZONE), STARTS, "day", DAYS)).toBe(index);
});

test("a moment that cannot be read is in no bucket", () => {
  expect(bucketOf(localMoment("soon", ZONE), STARTS, "day", DAYS)).toBe(-1);
});

test("a week has the notes of its seven days, the last one as far as the period goes", () => {
  const span = spanOf({ from: "2026-11-02", to: "2026-11-11" }, NOON, ZONE);
  const starts = ["2026-11-02T00:00:00+01:00", "2026-11-09T00:00:00+01:00"];
  expect(["2026-11-08", "2026-11-09", "2026-11-11", "2026-11-12"].map((at) => bucketOf(at, starts, "week", span))).toEqual([0, 1, 1, -1]);
});

test("a day is marked at its first hour that is shown", () => {
  const span = spanOf({ name: "24h" }, NOON, ZONE);
  const starts = ["2026-11-27T13:00:00+01:00", "2026-11-27T14:00:00+01:00", "2026-11-28T00:00:00+01:00"];
  expect(["2026-11-27", "2026-11-28", "2026-11-26", "2026-11-27T12:59", "2026-11-27T14:10"].map((at) => bucketOf(at, starts, "hour", span))).toEqual([0, 2, -1, -1, 1]);
});

test("flags are in the order of time, and so are the notes of each", () => {
  const note = (id: string, at: string) => ({ id, at, name: id, personal: false, createdAt: "", updatedAt: "" }) as NoteRow;
  const all = [note("d", "2026-11-22"), note("c", "2026-11-20T09:00"), note("a", "2026-11-20"), note("e", "2026-12-24")];
  expect(flagsOf(all, STARTS, "day", DAYS, ZONE).map(({ index, notes }) => [index, notes.map(({ id }) => id)])).toEqual([[0, ["a", "c"]], [2, ["d"]]]);
});
