import { describe, expect, test } from "vitest";
import { funnelRequest, funnelSettings, groupsOf, type FunnelRow } from "./funnel";
import { peopleParams } from "./people";
import { parseView } from "./state";

const context = (query: string) => ({ site: { domain: "a.example", timezone: "UTC" }, view: parseView(query).view, nowMs: Date.UTC(2026, 10, 29, 12) });
const STEPS = "step=page:/pricing&step=goal:signup&step=log:Swap";
const asked = (query: string) => Object.fromEntries(peopleParams(context(query)) ?? []);

describe("funnels", () => {
  test("become the API's parameters", () => {
    const params = Object.fromEntries(funnelRequest(context(`?${STEPS}&w=3600`))!.params);
    expect(JSON.parse(params.steps!)).toEqual([
      { type: "event", event: "page", resolved_event: "/pricing" }, { type: "event", event: "signup" }, { type: "decoded_log", event: "Swap" },
    ]);
    expect(params).toMatchObject({ window_seconds: "3600", revenue: "true", domain: "a.example" });
    const open = Object.fromEntries(funnelRequest(context(`?${STEPS}&any=1&by=device`), true)!.params);
    expect(open).toMatchObject({ funnel_type: "open", group_by: "device" });
    expect(open).not.toHaveProperty("window_seconds");
  });

  test("need two steps, and ignore what is not a step or a breakdown", () => {
    expect(funnelRequest(context("?step=goal:signup&step=nonsense"))).toBeNull();
    expect(funnelSettings(context("?by=nonsense").view)).toMatchObject({ by: "channel_type", steps: [], windowS: 1_209_600 });
  });

  test("are grouped as the API orders them", () => {
    const row = (step: number, breakdown: string): FunnelRow => ({ step, breakdown, event: "", users: 1, conversion_from_start: 1, conversion_from_previous: null, dropoff_from_previous: null, median_seconds_from_previous: null });
    const groups = groupsOf([row(1, "Direct"), row(2, "Direct"), row(1, ""), row(2, ""), row(1, "Others"), row(2, "Others")]);
    expect(groups.map(({ value, rows }) => [value, rows.length])).toEqual([["Direct", 2], ["", 2], ["Others", 2]]);
  });
});

describe("the people behind a number", () => {
  test("of a funnel: those who got to a step, or stopped there", () => {
    expect(asked(`?${STEPS}&at=2`)).toMatchObject({ funnel_step: "2" });
    expect(asked(`?${STEPS}&at=2`)).not.toHaveProperty("dropped");
    expect(asked(`?${STEPS}&at=2-stopped`)).toMatchObject({ funnel_step: "2", dropped: "true" });
    expect(peopleParams(context(`?${STEPS}`))).toBeNull();
    expect(peopleParams(context("?at=2"))).toBeNull();
  });

  test("of a flow: a node or a link, by the labels of the API", () => {
    const start = "?start=page:/a&sel=";
    expect(asked(`${start}n0:/a`)).toMatchObject({ flow_step: "1", flow_source: "/a" });
    expect(asked(`${start}n2:b:c`)).toMatchObject({ flow_step: "2", flow_target: "b:c" });
    expect(asked(`${start}${encodeURIComponent(`l3:${encodeURIComponent("x:y")}:z:q`)}`)).toMatchObject({ flow_step: "3", flow_source: "x:y", flow_target: "z:q" });
    expect(asked(`${start}n1:b&dir=backward`)).toMatchObject({ flow_step: "1", flow_source: "b", direction: "backward" });
    expect(asked(`${start}n0:/a&dir=backward`)).toMatchObject({ flow_step: "1", flow_target: "/a" });
    expect(asked(`${start}n0:/a`)).not.toHaveProperty("revenue");
    expect(peopleParams(context(`${start}what`))).toBeNull();
    expect(peopleParams(context(""))).toBeNull();
  });
});
