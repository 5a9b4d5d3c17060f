/** The view as the URL's query. `parseView` never throws; `formatView` writes equal views equally. */

import { INTERVALS, PERIODS, isDay, isMoment, type Interval, type Period, type PeriodName } from "./dates";

export interface Filter {
  /** As in the API's `filter_…`. */
  name: string;
  /** In the API's own grammar: v, !v, a|b, ~v, !~v, * and **. */
  value: string;
}

export type Compare = "off" | "prev" | "year" | { from: string; to: string };
export type Bots = "out" | "in" | "only";

/** What further parameters a report keeps in the URL, by name, each with its values. */
export type Extra = Record<string, string[]>;

export interface View {
  period: Period;
  compare: Compare;
  matchesWeekday: boolean;
  interval: Interval | null;
  filters: Filter[];
  segment: string;
  segment2: string;
  bots: Bots;
  attribution: "last" | "first";
  metric: string;
  tabs: Record<string, string>;
  /** By which column a panel is sorted; "-" before it is the other way round. */
  orders: Record<string, string>;
  details: string;
  search: string;
  sort: string;
  page: number;
  extra: Extra;
}

export interface Parsed {
  view: View;
  /** Parameters that were dropped because their value has no meaning. */
  dropped: { name: string; value: string }[];
}

export const FILTERS = [
  "page", "entry_page", "exit_page", "hostname", "referrer", "channel", "country", "region", "city",
  "device", "browser", "os", "language", "goal", "event", "utm_source", "utm_medium", "utm_campaign",
  "utm_term", "utm_content", "ref", "source", "via",
] as const;
export type FilterName = (typeof FILTERS)[number];

const WORD = /^[a-z0-9_-]{1,40}$/;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const SORT = /^-?[a-zA-Z_]{1,40}$/;
const MAX_VALUE = 2_100;
const MAX_FILTERS = 30;

/** Parameters of the other reports, in their order in the URL. `many`: may be repeated. */
const EXTRA: readonly { name: string; many?: boolean; test: RegExp }[] = [
  { name: "start", test: /^[^\0]{1,2100}$/s },
  { name: "through", many: true, test: /^[^\0]{1,2100}$/s },
  { name: "end", test: /^[^\0]{1,2100}$/s },
  { name: "x", many: true, test: /^[^\0]{1,2100}$/s },
  { name: "dir", test: /^backward$/ },
  { name: "mode", test: /^only$/ },
  { name: "n", test: /^([2-9]|10)$/ },
  { name: "rows", test: /^([1-9]|1\d|20)$/ },
  { name: "w", test: /^[1-9]\d{0,8}$/ },
  { name: "merge", test: /^1$/ },
  { name: "left", test: /^0$/ },
  { name: "sel", test: /^[^\0]{1,4300}$/s },
  { name: "step", many: true, test: /^[^\0]{1,2100}$/s },
  { name: "any", test: /^1$/ },
  { name: "by", test: WORD },
  { name: "ret", test: /^[^\0]{1,2100}$/s },
  { name: "who", test: /^wallet$/ },
  { name: "wk", test: /^curve$/ },
  { name: "cursor", test: /^[^\0]{1,400}$/s },
  { name: "own", test: /^1$/ },
  { name: "at", test: /^[^\0]{1,400}$/s },
];
const MAX_MANY = 20;

export function emptyView(): View {
  return {
    period: { name: "30d" }, compare: "prev", matchesWeekday: true, interval: null, filters: [],
    segment: "", segment2: "", bots: "out", attribution: "last", metric: "visitors", tabs: {}, orders: {},
    details: "", search: "", sort: "", page: 1, extra: {},
  };
}

export function parseView(query: string): Parsed {
  const view = emptyView();
  const dropped: Parsed["dropped"] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (!read(view, name, value)) dropped.push({ name, value });
  }
  return { view, dropped };
}

function read(view: View, name: string, value: string): boolean {
  switch (name) {
    case "p": return set(parsePeriod(value), (period) => (view.period = period));
    case "c": return set(parseCompare(value), (compare) => (view.compare = compare));
    case "cw": return set(value === "0" ? false : null, (matches) => void (view.matchesWeekday = matches));
    case "i": return set(one(INTERVALS, value), (interval) => (view.interval = interval));
    case "f": return set(parseFilter(value), (filter) => addFilter(view, filter));
    case "s": return set(ID.test(value) ? value : null, (id) => (view.segment = id));
    case "s2": return set(ID.test(value) ? value : null, (id) => (view.segment2 = id));
    case "b": return set(one(["in", "only"] as const, value), (bots) => (view.bots = bots));
    case "a": return set(one(["first"] as const, value), (given) => (view.attribution = given));
    case "m": return set(WORD.test(value) ? value : null, (metric) => (view.metric = metric));
    case "d": return set(/^[a-z0-9_.-]{1,60}$/.test(value) ? value : null, (panel) => (view.details = panel));
    case "q": return set(value && value.length <= 200 ? value : null, (text) => (view.search = text));
    case "sort": return set(SORT.test(value) ? value : null, (sort) => (view.sort = sort));
    case "page": return set(/^[1-9]\d{0,5}$/.test(value) ? Number(value) : null, (page) => (view.page = page));
  }
  if (name.startsWith("t.")) return readOfPanel(view.tabs, name.slice(2), value, WORD);
  if (name.startsWith("o.")) return readOfPanel(view.orders, name.slice(2), value, SORT);
  return readExtra(view, name, value);
}

function readOfPanel(found: Record<string, string>, panel: string, value: string, allowed: RegExp): boolean {
  if (!WORD.test(panel) || !allowed.test(value)) return false;
  found[panel] = value;
  return true;
}

function readExtra(view: View, name: string, value: string): boolean {
  const known = EXTRA.find((each) => each.name === name);
  if (!known || !known.test.test(value)) return false;
  const before = known.many ? (view.extra[name] ?? []) : [];
  if (before.length >= MAX_MANY) return false;
  view.extra[name] = [...before, value];
  return true;
}

function set<T>(value: T | null, assign: (value: T) => unknown): boolean {
  if (value === null) return false;
  return assign(value) !== false;
}

function one<T extends string>(known: readonly T[], value: string): T | null {
  return known.includes(value as T) ? (value as T) : null;
}

function addFilter(view: View, filter: Filter): boolean {
  if (view.filters.length >= MAX_FILTERS) return false;
  view.filters.push(filter);
  return true;
}

export function parsePeriod(text: string): Period | null {
  if (PERIODS.includes(text as PeriodName)) return { name: text as PeriodName };
  const [from, to, more] = text.split("..");
  if (from === undefined || to === undefined || more !== undefined) return null;
  if (!isMoment(from) || (to !== "" && !isMoment(to))) return null;
  return to !== "" && endOf(to) < from ? null : { from, to };
}

/** So that a day as an end is compared as its last minute. */
function endOf(moment: string): string {
  return moment.length === 10 ? `${moment}T23:59` : moment;
}

function parseCompare(text: string): Compare | null {
  if (text === "off" || text === "year") return text;
  if (text === "prev") return text;
  const [from, to, more] = text.split("..");
  if (from === undefined || to === undefined || more !== undefined) return null;
  return isDay(from) && isDay(to) && from <= to ? { from, to } : null;
}

function parseFilter(text: string): Filter | null {
  const at = text.indexOf(":");
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at < 0 || !FILTERS.includes(name as FilterName)) return null;
  return value && value.length <= MAX_VALUE && !value.includes("\0") ? { name, value } : null;
}

export function formatPeriod(period: Period): string {
  return "name" in period ? period.name : `${period.from}..${period.to}`;
}

/** The query with its "?", "" where everything is as it is by default. */
export function formatView(view: View): string {
  const pairs: [string, string][] = [];
  const add = (name: string, value: string, usual = "") => {
    if (value !== usual) pairs.push([name, value]);
  };
  add("p", formatPeriod(view.period), "30d");
  add("c", typeof view.compare === "string" ? view.compare : `${view.compare.from}..${view.compare.to}`, "prev");
  if (!view.matchesWeekday) add("cw", "0");
  add("i", view.interval ?? "");
  for (const { name, value } of view.filters) add("f", `${name}:${value}`);
  add("s", view.segment);
  add("s2", view.segment2);
  add("b", view.bots, "out");
  add("a", view.attribution, "last");
  add("m", view.metric, "visitors");
  for (const panel of Object.keys(view.tabs).sort()) add(`t.${panel}`, view.tabs[panel]!);
  for (const panel of Object.keys(view.orders).sort()) add(`o.${panel}`, view.orders[panel]!);
  add("d", view.details);
  add("q", view.search);
  add("sort", view.sort);
  add("page", String(view.page), "1");
  for (const { name } of EXTRA) for (const value of view.extra[name] ?? []) add(name, value);
  return pairs.length ? `?${pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&")}` : "";
}

/** As readable as a query can be: only what would end or change the value is escaped. */
function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(3A|7C|2F|2C|40|24)/g, decodeURIComponent);
}

/** Only what the other reports' pages keep: a link from report to report keeps period and filters. */
export function withoutReport(view: View): View {
  return { ...view, extra: {}, tabs: {}, orders: {}, details: "", search: "", sort: "", page: 1 };
}

/** What another website's pages keep: segments are one website's. */
export function withoutWebsite(view: View): View {
  return { ...withoutReport(view), segment: "", segment2: "" };
}
