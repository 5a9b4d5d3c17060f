import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conditionOf, draftFilter, filterOf, literal, OPERATORS, readable, withRow } from "./filter";
import { FILTERS } from "./state";

const value = fc.string({ minLength: 1, maxLength: 30 });
const name = fc.constantFrom(...FILTERS);

describe("filters", () => {
  it("of any row are read as that one value", () => {
    fc.assert(fc.property(name, value, fc.constantFrom(...OPERATORS), (dimension, given, operator) => {
      const filter = filterOf({ name: dimension, operator, values: [literal(dimension, given)] });
      const read = conditionOf(filter);
      expect(read.operator).toBe(operator);
      expect(read.values.map((value) => readable(read.name, value))).toEqual([given]);
    }));
  });

  it("in the editor say what they said before", () => {
    fc.assert(fc.property(name, fc.array(value, { minLength: 1, maxLength: 4 }), fc.constantFrom(...OPERATORS), (dimension, values, operator) => {
      const filter = filterOf({ name: dimension, operator, values: values.map((each) => literal(dimension, each)) });
      expect(filterOf(conditionOf(filter))).toEqual(filter);
    }));
  });

  it.each([
    ["country", "Korea, Republic of", "Korea\\, Republic of"],
    ["page", "/a*b", "/a\\*b"],
    ["page", "/100%", "\\/100%"],
    ["utm_campaign", "!sale", "\\!sale"],
    ["utm_campaign", "a,b", "a,b"],
    ["utm_campaign", "Unknown", "\\Unknown"],
    ["country", "Unknown", "Unknown"],
    ["browser", "Safari", "\\Safari"],
  ])("of %s write %s as %s", (dimension, given, written) => {
    expect(literal(dimension, given)).toBe(written);
  });

  it("of a clicked row take the place of the one before", () => {
    const before = [{ name: "country", value: "Austria" }, { name: "country", value: "!Peru" }, { name: "os", value: "iOS" }];
    expect(withRow(before, "country", "France")).toEqual([before[1], before[2], { name: "country", value: "France" }]);
    expect(withRow(before, "os", "Linux", "is_not")).toEqual([...before, { name: "os", value: "!Linux" }]);
    expect(withRow(before, "os", "iOS")).toEqual([before[0], before[1], { name: "os", value: "iOS" }]);
  });

  it("in the editor hold what is typed, too, once", () => {
    const draft = { name: "page", operator: "is_not", values: ["/a"], typed: "/b*" } as const;
    expect(draftFilter({ ...draft, values: ["/a"] })).toEqual({ name: "page", value: "!/a|/b*" });
    expect(draftFilter({ ...draft, values: ["/a"], typed: "/a" })).toEqual({ name: "page", value: "!/a" });
    expect(draftFilter({ ...draft, values: [], typed: "" })).toBeNull();
  });
});
