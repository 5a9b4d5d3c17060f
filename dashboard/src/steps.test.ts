import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiStep, formatStep, parseStep, stepName, stepOfApi, stepOfLabel, stepOfText, type Step } from "./steps";

const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("goal" as const, "log" as const), name, status: fc.constant("") }),
  fc.record({ kind: fc.constant("page" as const), name: name.map((text) => `/${text}`), status: fc.constant("") }),
  fc.record({ kind: fc.constantFrom("tx" as const, "sig" as const), name: fc.oneof(fc.constant(""), name), status: fc.constantFrom("", "confirmed", "rejected") }),
);

describe("steps", () => {
  test("come back from the URL as they were", () => {
    fc.assert(fc.property(steps, (step) => { expect(parseStep(formatStep(step))).toEqual(step); }));
  });

  test.each([
    ["page", { type: "event", event: "page" }],
    ["page:/a:b", { type: "event", event: "page", resolved_event: "/a:b" }],
    ["goal:signup", { type: "event", event: "signup" }],
    ["tx", { type: "transaction", event: "transaction" }],
    ["tx:confirmed:swap", { type: "transaction", event: "swap", status_value: "confirmed" }],
    ["sig::permit", { type: "signature", event: "permit" }],
    ["log:Swap", { type: "decoded_log", event: "Swap" }],
    ["wallet:connect", { type: "event", event: "connect" }],
    ["event:outbound", { type: "event", event: "outbound" }],
  ])("%s is what the API takes", (text, expected) => {
    expect(apiStep(parseStep(text)!)).toEqual(expected);
  });

  test("come back from the API's JSON as they were", () => {
    const known = new Set(["connect", "disconnect", "chain", "identify", "detect", "outbound", "engagement", "page", "transaction", "signature", "__ALL_PAGE_VIEWS__"]);
    fc.assert(fc.property(steps.filter(({ name }) => !known.has(name)), (step) => { expect(stepOfApi(apiStep(step))).toEqual(step); }));
    expect(formatStep(stepOfApi({ type: "event", event: "page", resolved_event: "__ALL_PAGE_VIEWS__" })!)).toBe("page");
    expect(formatStep(stepOfApi({ type: "event", event: "connect" })!)).toBe("wallet:connect");
    expect(formatStep(stepOfApi({ type: "track", event: "signature" })!)).toBe("sig");
  });

  test.each(["", "page:", "goal:", "goal", "wallet:fly", "event:page", "nonsense:x", "log:"])("%j is not a step", (text) => {
    expect(parseStep(text)).toBeNull();
  });

  test.each([
    ["/pricing", "page:/pricing"], ["/a*b\\c", "page:/a\\*b\\\\c"], ["signup", "goal:signup"],
    ["transaction:confirmed", "tx:confirmed"], ["signature", "sig"], ["connect", "wallet:connect"], ["identify", "event:identify"],
  ])("the node %s of a flow is the step %s", (label, expected) => {
    expect(formatStep(stepOfLabel(label))).toBe(expected);
  });

  test("contract events are known by name, and typed steps as they are or by how they look", () => {
    expect(formatStep(stepOfLabel("Swap", new Set(["Swap"])))).toBe("log:Swap");
    expect(formatStep(stepOfText("/blog/**"))).toBe("page:/blog/**");
    expect(formatStep(stepOfText("**"))).toBe("page:**");
    expect(formatStep(stepOfText("sign up"))).toBe("goal:sign up");
    expect(formatStep(stepOfText("log:Swap"))).toBe("log:Swap");
  });

  test("have a name that people can read", () => {
    expect(stepName(parseStep("page")!)).toBe("any page");
    expect(stepName(parseStep("page:/a\\*b")!)).toBe("/a*b");
    expect(stepName(parseStep("tx:confirmed:swap")!)).toBe("transaction confirmed swap");
  });
});
