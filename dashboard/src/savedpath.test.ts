import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowParams, flowSettings } from "./flow";
import { funnelParams, funnelSettings } from "./funnel";
import { extraOfFlow, extraOfFunnel, isSame } from "./savedpath";
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
      expect(isSame(saved, { ...saved, max_steps: "10" }, extraOfFlow)).toBe(false);
    }));
  });

  it("survive what they cannot read", () => {
    expect(extraOfFunnel({ steps: "{", window_seconds: "60" }, {})).toEqual({ w: ["60"] });
    expect(extraOfFlow({ exclude: '["/label"]' }, {})).toEqual({ left: ["0"] });
  });
});
