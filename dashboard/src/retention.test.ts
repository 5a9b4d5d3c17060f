import { describe, expect, test } from "vitest";
import { cohortDays, endsBefore, meanOf, retentionRequest, shade, weeksShown, type Cohort } from "./retention";
import { parseView } from "./state";

const context = (query: string) => ({ site: { domain: "a.example", timezone: "UTC" }, view: parseView(query).view, nowMs: Date.UTC(2026, 10, 29, 12) });
const cohort = (day: string, people: number, ...weeks: (number | null)[]): Cohort =>
  ({ cohort_week: day, num_users: people, ...Object.fromEntries(weeks.map((share, week) => [`week_${week}`, share])) });

describe("retention", () => {
  test.each([
    ["", "2026-09-07", "2026-11-28", 12], // 30 days: the 12 weeks up to their end
    ["?p=7d", "2026-09-07", "2026-11-28", 12],
    ["?p=2026-06-03..2026-11-28", "2026-06-01", "2026-11-28", 26],
    ["?p=2020-01-01..2026-11-28", "2019-12-30", "2026-11-28", 52],
  ])("%s has the first visits of %s to %s", (query, first, last, weeks) => {
    expect(cohortDays(context(query))).toEqual({ first, last, weeks });
  });

  test("of all time has the 12 weeks up to now", () => {
    const params = Object.fromEntries(retentionRequest(context("?p=all")).params);
    expect(params).toMatchObject({ startAt: "2026-09-07", limit: "12" });
  });

  test.each([
    ["goal:signup", { event_type: "track", event_name: "signup" }],
    ["page", { event_type: "page" }],
    ["wallet:connect", { event_type: "connect" }],
    ["log:Swap", { event_type: "decoded_log", event_name: "Swap" }],
    ["tx::swap", { event_type: "transaction", event_name: "swap" }],
  ])("a return by %s is what the API takes", (step, expected) => {
    const params = Object.fromEntries(retentionRequest(context(`?ret=${step}&who=wallet&f=country:Austria`)).params);
    expect(params).toMatchObject({ ...expected, id_type: "address", filter_country: "Austria" });
  });

  test("of many weeks, an answer ends before the oldest, and says nothing of them", () => {
    const weeks = Array.from({ length: 52 }, (_, index) => cohort(`2026-${String(1 + Math.floor(index / 28)).padStart(2, "0")}-${String(1 + (index % 28)).padStart(2, "0")}`, 20));
    expect(endsBefore(weeks, "2025-12-31")).toBe(true);
    expect(endsBefore(weeks, "2026-01-01")).toBe(false);
    expect(endsBefore(weeks, "2026-05-01")).toBe(false);
    expect(endsBefore(weeks.slice(1), "2025-12-31")).toBe(false); // all are there: few people came in that one
    expect(endsBefore([], "2025-12-31")).toBe(false);
  });

  test("the pinned row weighs cohorts by people, of those whose week is over", () => {
    const cohorts = [cohort("2026-11-02", 100, 1, 0.1, 0.05), cohort("2026-11-09", 300, 1, 0.2, null), cohort("2026-11-16", 50, 1, null, null)];
    expect(meanOf(cohorts, 1)).toBe(70 / 400);
    expect(meanOf(cohorts, 2)).toBe(5 / 100);
    expect(meanOf(cohorts, 3)).toBeNull();
    expect(weeksShown(cohorts)).toBe(3);
  });

  test("shades follow a square root", () => {
    expect([0, 0.0001, 0.0099, 0.01, 0.039, 0.04, 0.089, 0.09, 0.24, 0.25, 1].map(shade)).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });
});
