/** The overview's panels as data: which lists they have, which columns, and why rows may not add up. */

import { filterOf, literal } from "./filter";
import type { Unit } from "./format";
import type { Filter } from "./state";
import type { TextKey } from "./text";

export interface Tab {
  /** As in the API's `dimension`. */
  dimension: string;
  /** What a click on a row filters by; "" where there is no such filter. */
  filter: string;
  /** Why the rows' visitors do not add up to all visitors. */
  why: TextKey;
  empty: TextKey;
}

export interface Panel {
  name: "sources" | "pages" | "places" | "technology" | "referrers" | "goals";
  tabs: readonly Tab[];
  columns: readonly Column[];
}

/** A number of a row. `field` is as in the row, `metric` as in `fields` and `sort`. */
export interface Column {
  field: RowField;
  metric: string;
  label: TextKey;
  unit: Unit;
  digits?: number;
  /** Where the screen is narrow, the others are left out. */
  isOnPhone?: boolean;
  /** Also a line under the label, by its own scale. */
  isBar?: "people" | "money";
}

export type RowField =
  | "visitors" | "percentage" | "revenue" | "revenuePerVisitor" | "completions" | "sessions" | "pageviews"
  | "bounceRate" | "avgEngagedTime" | "conversionRate";

/** A row of any list. */
export type Row = { value: string; name?: string; countryCode?: string; regionCode?: string; region?: string }
  & Partial<Record<RowField, number>>
  & { compare?: Partial<Record<RowField, number>> & { change?: Record<string, number> } };

export interface List {
  data: Row[];
  totals: Partial<Record<RowField, number>> & { rowsOverlap?: boolean; outside?: unknown };
  pagination: { limit: number; offset: number; total: number };
}

/** Several lists of one answer, by dimension. */
export interface Lists {
  data: Record<string, Row[]>;
  totals: Record<string, List["totals"]>;
  pagination: Record<string, List["pagination"]>;
}

/** One of them; null where it has not come. */
export function listIn(all: Lists | null, dimension: string): List | null {
  const data = all?.data[dimension];
  return all && data ? { data, totals: all.totals[dimension]!, pagination: all.pagination[dimension]! } : null;
}

/** All of these dimensions' rows are asked for, so that their sum is known; more are not. */
export const ROWS = 100;
export const SHOWN = 9;
export const ON_PHONE = 6;

const VISITORS: Column = { field: "visitors", metric: "visitors", label: "column.visitors", unit: "count", isOnPhone: true, isBar: "people" };
const SHARE: Column = { field: "percentage", metric: "percentage", label: "column.share", unit: "percent" };
const REVENUE: Column = { field: "revenue", metric: "revenue", label: "column.revenue", unit: "money", isOnPhone: true, isBar: "money" };
const PER_VISITOR: Column = { field: "revenuePerVisitor", metric: "revenue_per_visitor", label: "column.per_visitor", unit: "money" };
const TIMES: Column = { field: "completions", metric: "completions", label: "column.times", unit: "count" };
const RATE: Column = { ...SHARE, label: "column.rate", digits: 2 };
const SESSIONS: Column = { field: "sessions", metric: "sessions", label: "column.sessions", unit: "count" };
const PAGEVIEWS: Column = { field: "pageviews", metric: "pageviews", label: "column.pageviews", unit: "count" };
const BOUNCES: Column = { field: "bounceRate", metric: "bounce_rate", label: "column.bounce_rate", unit: "percent" };
const ENGAGED: Column = { field: "avgEngagedTime", metric: "avg_engaged_time", label: "column.engaged", unit: "seconds" };
const CONVERSION: Column = { field: "conversionRate", metric: "conversion_rate", label: "column.conversion", unit: "percent", digits: 2 };

export const USUAL: readonly Column[] = [VISITORS, SHARE, REVENUE, PER_VISITOR];
/** All columns of a list's details. */
export const DETAILED: readonly Column[] = [VISITORS, SHARE, SESSIONS, PAGEVIEWS, BOUNCES, ENGAGED, CONVERSION, REVENUE, PER_VISITOR];
export const DETAILED_GOALS: readonly Column[] = [VISITORS, TIMES, RATE, SESSIONS, { ...REVENUE, isBar: undefined! }];

const tab = (dimension: string, why: TextKey, options: Partial<Tab> = {}): Tab =>
  ({ dimension, filter: dimension, why, empty: "empty.rows", ...options });

export const PANELS: readonly Panel[] = [
  {
    name: "sources",
    tabs: [
      tab("channel", "panel.why.session"),
      tab("referrer", "panel.why.session", { empty: "empty.referrer" }),
      tab("campaign", "panel.why.session", { filter: "utm_campaign", empty: "empty.campaign" }),
      tab("all_params", "panel.why.params", { empty: "empty.params" }),
    ],
    columns: USUAL,
  },
  {
    name: "pages",
    tabs: [
      tab("page", "panel.why.event"),
      tab("entry_page", "panel.why.session"),
      tab("exit_page", "panel.why.session"),
      tab("exit_link", "panel.why.session", { filter: "", empty: "empty.exit_link" }),
      tab("hostname", "panel.why.session"),
    ],
    columns: USUAL,
  },
  {
    name: "places",
    tabs: [
      tab("country", "panel.why.places"),
      tab("region", "panel.why.places", { empty: "empty.places" }),
      tab("city", "panel.why.places", { empty: "empty.places" }),
      tab("language", "panel.why.technology"),
    ],
    columns: USUAL,
  },
  {
    name: "technology",
    tabs: [
      tab("device", "panel.why.technology"),
      tab("browser", "panel.why.technology"),
      tab("os", "panel.why.technology"),
      tab("screen", "panel.why.technology", { filter: "" }),
    ],
    columns: USUAL,
  },
  {
    name: "referrers",
    tabs: [
      tab("referrer", "panel.why.session", { empty: "empty.referrer" }),
      tab("utm_source", "panel.why.session", { empty: "empty.params" }),
      tab("ref", "panel.why.session", { empty: "empty.params" }),
    ],
    columns: USUAL,
  },
  {
    name: "goals",
    tabs: [tab("goal", "panel.why.goal", { empty: "empty.goals" })],
    columns: [VISITORS, TIMES, RATE, { ...REVENUE, isBar: undefined! }],
  },
];

export function panelOf(name: string): Panel | undefined {
  return PANELS.find((each) => each.name === name);
}

/** The chosen tab of a panel, its first where another is not known. */
export function tabOf(panel: Panel, tabs: Record<string, string>): Tab {
  return panel.tabs.find(({ dimension }) => dimension === tabs[panel.name]) ?? panel.tabs[0]!;
}

/** The filter for a row, null where there is none. */
export function filterOfRow(tab: Tab, value: string): Filter | null {
  if (tab.dimension === "all_params") {
    const at = value.indexOf("=");
    const name = value.slice(0, at);
    return at > 0 ? filterOf({ name, operator: "is", values: [literal(name, value.slice(at + 1))] }) : null;
  }
  return tab.filter ? { name: tab.filter, value: literal(tab.filter, value) } : null;
}

/** What the panel's foot says of the sum of its rows. */
export function sumOf(list: List): { kind: "exact" | "more" | "less" | "unknown"; sum: number } {
  const all = list.totals.visitors ?? 0;
  if (list.pagination.total > list.data.length) return { kind: "unknown", sum: 0 };
  const sum = list.data.reduce((before, row) => before + (row.visitors ?? 0), 0);
  return { kind: sum === all ? "exact" : sum > all ? "more" : "less", sum };
}

/** A field of a row as the request names it. */
export function fieldsOf(columns: readonly Column[]): string[] {
  return columns.map(({ metric }) => metric);
}
