import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowParams, flowSettings } from "./flow";
import { funnelParams, funnelSettings } from "./funnel";
import { extraOfFlow, extraOfFunnel, isSame, isWhole } from "./savedpath";
import { emptyView, type Extra } from "./state";

const step = fc.constantFrom("page", "page:/pricing", "page:/blog/**", "goal:signup", "tx:confirmed:swap", "sig", "log:Swap", "wallet:connect", "event:outbound");
const steps = fc.array(step, { minLength: 1, maxLength: 4 });
const view = (extra: Extra) => ({ ...emptyView(), extra });
const some = (record: Record<string, fc.Arbitrary<string[]>>) => fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<Extra>;

describe("saved funnels and flows", () => {
  it("open a funnel as it was saved", () => {
    const extra = some({ step: steps, any: fc.constant(["1"]), w: fc.constantFrom(["60"], ["3600"]) });
    fc.assert(fc.property(extra, (given) => {
      const before = funnelSettings(view(given));
      const saved = Object.fromEntries(funnelParams(before));
      const after = funnelSettings(view(extraOfFunnel(saved, { by: ["device"] })));
      // the steps of a funnel in any order have no window
      expect(after).toEqual({ ...before, by: "device", windowS: before.isAnyOrder ? after.windowS : before.windowS });
      expect(isWhole(saved, extraOfFunnel)).toBe(true);
    }));
  });

  it("open a flow as it was saved", () => {
    const extra = some({
      start: step.map((each) => [each]), through: steps, end: step.map((each) => [each]), x: steps, dir: fc.constant(["backward"]), mode: fc.constant(["only"]),
      n: fc.constantFrom(["2"], ["7"]), rows: fc.constantFrom(["1"], ["9"]), w: fc.constantFrom(["60"], ["3600"]), merge: fc.constant(["1"]), left: fc.constant(["0"]),
    });
    fc.assert(fc.property(extra, (given) => {
      const before = flowSettings(view(given));
      const saved = Object.fromEntries(flowParams(before));
      expect(flowSettings(view(extraOfFlow(saved, {})))).toEqual(before);
      expect(isSame(saved, saved, extraOfFlow)).toBe(true);
      expect(isWhole(saved, extraOfFlow)).toBe(true);
      expect(isSame(saved, { ...saved, max_steps: "10" }, extraOfFlow)).toBe(false);
    }));
  });

  const condition = { field: "device", op: "equals", value: "mobile" };
  const step0 = { type: "event", event: "page", resolved_event: "/pricing" };
  const steps0 = JSON.stringify([step0, { type: "event", event: "signup" }]);

  it.each([
    ["conditions on all events", { global_filters: JSON.stringify([condition]) }],
    ["conditions by their other name", { filters: JSON.stringify([condition]) }],
    ["a step with a condition", { steps: JSON.stringify([step0, { ...step0, filters: [condition] }]) }],
    ["a window that the URL does not hold", { window_seconds: "3153600000" }],
    ["what is not JSON", { steps: "{" }],
  ])("notice in a funnel %s", (_, more) => {
    expect(isWhole({ steps: steps0, ...more }, extraOfFunnel)).toBe(false);
  });

  it.each([
    ["conditions on all events", { global_filters: JSON.stringify([condition]) }],
    ["a condition on its end", { end_step: JSON.stringify({ ...step0, filters: [condition] }) }],
    ["a condition on its way", { anchors: JSON.stringify([{ ...step0, filters: [condition] }]) }],
    ["labels to leave out", { exclude: '["/label"]' }],
    ["labels between commas", { exclude: "/label,connect" }],
    ["more to leave out than the URL holds", { exclude: JSON.stringify(Array.from({ length: 21 }, (_, at) => ({ ...step0, resolved_event: `/${at}` }))) }],
  ])("notice in a flow %s", (_, more) => {
    expect(isWhole({ start_step: JSON.stringify(step0), ...more }, extraOfFlow)).toBe(false);
  });

  it("are whole without conditions, whatever is drawn of them", () => {
    expect(isWhole({ steps: steps0, filters: "[]", global_filters: "", group_by: "device", limit: "3" }, extraOfFunnel)).toBe(true);
    const given = { start_step: JSON.stringify({ ...step0, filters: [] }), max_steps: "40", nodes_per_step: "100", window_seconds: "0600", collapse_repeats: "1", drop_off: "True" };
    expect(isWhole(given, extraOfFlow)).toBe(true);
    expect(extraOfFlow(given, {})).toEqual({ start: ["page:/pricing"], n: ["10"], rows: ["20"], w: ["600"], merge: ["1"] });
  });

  it("survive what they cannot read", () => {
    expect(extraOfFunnel({ steps: "{", window_seconds: "60" }, {})).toEqual({ w: ["60"] });
    expect(extraOfFlow({ exclude: '["/label"]' }, {})).toEqual({ left: ["0"] });
  });
});
