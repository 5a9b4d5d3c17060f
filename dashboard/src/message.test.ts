import { describe, expect, it } from "vitest";
import { message } from "./message";
import { EN } from "./text";
import { DE } from "./text.de";
import { EN as CONTROL } from "./texts/control";
import { DE as CONTROL_DE } from "./texts/control.de";
import { EN as FLOW } from "./texts/flow";
import { DE as FLOW_DE } from "./texts/flow.de";
import { EN as FUNNEL } from "./texts/funnel";
import { DE as FUNNEL_DE } from "./texts/funnel.de";
import { EN as RETENTION } from "./texts/retention";
import { DE as RETENTION_DE } from "./texts/retention.de";

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
    const pairs: [Record<string, string>, Record<string, string>][] = [
      [EN, DE], [CONTROL, CONTROL_DE], [FLOW, FLOW_DE], [FUNNEL, FUNNEL_DE], [RETENTION, RETENTION_DE],
    ];
    for (const [english, german] of pairs) {
      for (const [key, text] of Object.entries(english)) {
        // where a plural is the same word, a language needs no number
        expect([...asked(text, "en")], key).toEqual(expect.arrayContaining([...asked(german[key]!, "de")]));
      }
    }
  });
});
