/** The part of ICU's messages that our texts use: {name}, {n, plural, =0 {…} one {# visit} other {# visits}}. */

export type Values = Record<string, string | number>;

export function message(pattern: string, values: Values, locale: string): string {
  let out = "";
  let at = 0;
  while (at < pattern.length) {
    const open = pattern.indexOf("{", at);
    if (open < 0) return out + pattern.slice(at);
    const close = closing(pattern, open);
    out += pattern.slice(at, open) + argument(pattern.slice(open + 1, close), values, locale);
    at = close + 1;
  }
  return out;
}

/** Where the brace that opens at `open` closes. */
function closing(pattern: string, open: number): number {
  let depth = 0;
  for (let at = open; at < pattern.length; at++) {
    if (pattern[at] === "{") depth++;
    if (pattern[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`unbalanced braces in the text ${pattern}`);
}

function argument(inside: string, values: Values, locale: string): string {
  const [name = "", kind = "", ...rest] = inside.split(",");
  const value = values[name.trim()];
  if (value === undefined) throw new Error(`the text lacks a value for ${name.trim()}`);
  if (!kind) return typeof value === "number" ? numbers(locale).format(value) : value;
  return plural(rest.join(","), Number(value), values, locale);
}

function plural(cases: string, count: number, values: Values, locale: string): string {
  const choices = new Map<string, string>();
  let at = 0;
  while (at < cases.length) {
    const open = cases.indexOf("{", at);
    if (open < 0) break;
    const close = closing(cases, open);
    choices.set(cases.slice(at, open).trim(), cases.slice(open + 1, close));
    at = close + 1;
  }
  const chosen = choices.get(`=${count}`) ?? choices.get(new Intl.PluralRules(locale).select(count)) ?? choices.get("other") ?? "";
  return message(chosen.replaceAll("#", numbers(locale).format(count)), values, locale);
}

const formats = new Map<string, Intl.NumberFormat>();

function numbers(locale: string): Intl.NumberFormat {
  let format = formats.get(locale);
  if (!format) formats.set(locale, (format = new Intl.NumberFormat(locale)));
  return format;
}
