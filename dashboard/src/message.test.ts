import { describe, expect, it } from "vitest";
import { message } from "./message";
import { EN } from "./text";
import { DE } from "./text.de";

describe("messages", () => {
  it("fill in values and choose the plural of the language", () => {
    const pattern = "{n, plural, =0 {nobody} one {# visitor of {site}} other {# visitors of {site}}}";
    const say = (n: number) => message(pattern, { n, site: "a.example" }, "en");
    expect([0, 1, 2_000].map(say)).toEqual(["nobody", "1 visitor of a.example", "2,000 visitors of a.example"]);
  });

  it("write numbers as the language does, and texts as they are", () => {
    expect(message("{n} {text}", { n: 1_234, text: "{a}" }, "de")).toBe("1.234 {a}");
  });

  it("refuse a missing value", () => {
    expect(() => message("{n}", {}, "en")).toThrow("lacks a value for n");
  });

  it("take the same values in both languages", () => {
    /** The values that a text asks for, whichever plural it chooses. */
    const asked = (pattern: string, locale: string) => {
      const names = new Set<string>();
      for (const count of [0, 1, 2, 5]) {
        const values = new Proxy({}, { get: (_, name) => (names.add(String(name)), count) });
        message(pattern, values, locale);
      }
      return names;
    };
    for (const key of Object.keys(EN) as (keyof typeof EN)[]) {
      // where a plural is the same word, a language needs no number
      expect([...asked(EN[key], "en")], key).toEqual(expect.arrayContaining([...asked(DE[key], "de")]));
    }
  });
});
