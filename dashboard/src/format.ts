/** Numbers, money, times and names as people read them, by `Intl`. */

import { addDays, type Day, type Interval, type Span } from "./dates";
import { language } from "./text";

export type Unit = "count" | "percent" | "seconds" | "money" | "ratio";

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames>(key: string, make: () => T): T {
  const full = `${language()} ${key}`;
  let found = cache.get(full) as T | undefined;
  if (!found) cache.set(full, (found = make()));
  return found;
}

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached(`n ${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale(), options));
}

/** English is written as in Britain, where a day stands before its month. */
export function locale(): string {
  return language() === "de" ? "de-DE" : "en-GB";
}

export function count(value: number): string {
  return number({ maximumFractionDigits: 0 }).format(value);
}

/** 1,234 as it is and 1,234,567 as 1.23m: for tiles and axes. */
export function shortCount(value: number): string {
  if (Math.abs(value) < 100_000) return number({ maximumFractionDigits: 2 }).format(value);
  return number({ notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** From percent, not from a share: 41.64 is 41.6 %. */
export function percent(value: number, digits = 1): string {
  // not style "percent", which would need the value divided by 100, and so another rounding
  return number({ style: "unit", unit: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function money(value: number, currency: string): string {
  return number({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(value);
}

/** "$", "€", or a code where there is no sign. */
export function currencySign(currency: string): string {
  const parts = number({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
  return parts.find(({ type }) => type === "currency")?.value ?? currency;
}

/** Money without decimals, for axes. */
export function shortMoney(value: number, currency: string): string {
  const isLarge = Math.abs(value) >= 100_000;
  return number({
    style: "currency", currency, currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 0, maximumFractionDigits: Math.abs(value) < 10 && value % 1 ? 2 : isLarge ? 1 : 0,
    ...(isLarge ? { notation: "compact" as const } : {}),
  }).format(value);
}

export function ratio(value: number): string {
  return number({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
}

/** A number and its unit apart, so that the unit can be smaller: [["1", "m"], ["38", "s"]]. */
export function durationParts(seconds: number): [string, string][] {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours) return [[String(hours), "h"], [String(minutes), "m"]];
  if (minutes) return [[String(minutes), "m"], [String(whole % 60), "s"]];
  return [[String(whole), "s"]];
}

export function duration(seconds: number): string {
  return durationParts(seconds).map(([value, unit]) => value + unit).join(" ");
}

export function value(given: number | null | undefined, unit: Unit, currency: string): string {
  if (given === null || given === undefined) return "–";
  switch (unit) {
    case "count": return count(given);
    case "percent": return percent(given);
    case "seconds": return duration(given);
    case "money": return money(given, currency);
    case "ratio": return ratio(given);
  }
}

/** How a number has changed, in percent. null where there was nothing before, so no share of it. */
export function change(now: number, before: number): number | null {
  if (before === 0) return now === 0 ? 0 : null;
  return ((now - before) / before) * 100;
}

function date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(`d ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale(), options));
}

/** A day or wall-clock minute as an instant of UTC, in which it is then written: its zone is already applied. */
function wall(moment: string): Date {
  return new Date(`${moment.length > 10 ? moment.slice(0, 16) : `${moment}T00:00`}:00Z`);
}

export function day(moment: string, style: "short" | "weekday" | "long" | "year" = "short"): string {
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone: "UTC" };
  if (style === "weekday") options.weekday = "short";
  if (style === "long") Object.assign(options, { weekday: "long", month: "long" });
  if (style === "year") options.year = "numeric";
  return date(options).format(wall(moment)).replace(",", "");
}

export function clock(moment: string): string {
  return moment.slice(11, 16);
}

export function month(moment: string, style: "short" | "long" = "long"): string {
  return date({ month: style, year: "numeric", timeZone: "UTC" }).format(wall(moment));
}

/** "29 Oct – 27 Nov 2026", "28 Nov 2026", "27 Nov 09:00 – 28 Nov 08:59". */
export function spanText(span: Span): string {
  if (!span.days) return "";
  if (span.isTimed) {
    const end = span.endAt || span.last;
    const hours = (moment: string) => (moment.length > 10 ? ` ${clock(moment)}` : "");
    if (span.first === span.last) return `${day(span.first)}${hours(span.startAt)} –${hours(end)}`;
    return `${day(span.first)}${hours(span.startAt)} – ${day(span.last)}${hours(end)}`;
  }
  if (span.first === span.last) return day(span.first, "year");
  const isSameYear = span.first.slice(0, 4) === span.last.slice(0, 4);
  return `${day(span.first, isSameYear ? "short" : "year")} – ${day(span.last, "year")}`;
}

/** A bucket's name for the hover card and the screen reader. */
export function bucket(start: string, interval: Interval, style: "axis" | "short" | "long"): string {
  const dayText = style === "axis" ? day(start) : day(start, style === "short" ? "weekday" : "long");
  if (interval === "hour") return style === "axis" ? clock(start) : `${dayText} ${clock(start)}`;
  if (interval === "month") return month(start, style === "long" ? "long" : "short");
  if (interval === "week" && style !== "axis") return `${day(start)} – ${day(addDays(start.slice(0, 10), 6))}`;
  return dayText;
}

/** The names of the seven days of the week, from Monday, as one letter each. */
export function weekdayLetters(): string[] {
  const monday: Day = "2026-11-23";
  const format = date({ weekday: "narrow", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, index) => format.format(wall(addDays(monday, index))));
}

export function countryName(code: string, otherwise: string): string {
  return displayName("region", code, otherwise);
}

/** A value of a list or filter as people read it. The API's names of countries are English. */
export function valueName(dimension: string, value: string): string {
  return dimension === "country" && language() !== "en" ? countryName(countryCodes().get(value) ?? "", value) : value;
}

let codes: Map<string, string> | undefined;

/** Codes of countries by their English names. */
function countryCodes(): Map<string, string> {
  if (codes) return codes;
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const all = letters.flatMap((first) => letters.map((second) => first + second));
  return (codes = new Map(all.map((code) => [names.of(code) ?? "", code])));
}

export function languageName(code: string, otherwise: string): string {
  return displayName("language", code, otherwise);
}

function displayName(type: "region" | "language", code: string, otherwise: string): string {
  if (!code) return otherwise;
  try {
    return cached(`x ${type}`, () => new Intl.DisplayNames(locale(), { type, fallback: "none" })).of(code) ?? otherwise;
  } catch {
    return otherwise; // not a code
  }
}

/** How long ago, roughly. */
export function ago(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "short" });
  if (seconds < 60) return format.format(-Math.max(0, Math.round(seconds)), "second");
  if (seconds < 3_600) return format.format(-Math.round(seconds / 60), "minute");
  return seconds < 86_400 ? format.format(-Math.round(seconds / 3_600), "hour") : format.format(-Math.round(seconds / 86_400), "day");
}

/** Of a person's name: the first letters of its first two words. */
export const initials = (name: string): string => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
