/** Two segments beside each other: shares of each one's own visitors, and how they differ. Pure. */

import type { Request } from "./api/client";
import type { Beside, FlowGraph } from "./flow";
import { percent, ratio } from "./format";
import { groupsOf, type FunnelRow } from "./funnel";
import type { List, Row, Tab } from "./panels";
import { goalsRequest, listRequest, MAX_ROWS, type Context } from "./request";
import type { About } from "./rules";

export interface PairRow {
  key: string;
  /** What the row is, from whichever side has it. */
  row: Row;
  /** In percent of the segment's own visitors. null where the list that was asked for ends before it. */
  a: number | null;
  b: number | null;
}

/** The rows of both lists. A row that a whole list lacks has no visitors there. */
export function pairRows(a: List, b: List): PairRow[] {
  const found = new Map<string, PairRow>();
  const rest = { a: lackOf(a), b: lackOf(b) };
  for (const [side, list] of [["a", a], ["b", b]] as const) {
    for (const row of list.data) {
      const key = JSON.stringify([row.value, row.region ?? "", row.countryCode ?? ""]);
      const pair = found.get(key) ?? { key, row, ...rest };
      found.set(key, { ...pair, [side]: row.percentage ?? 0 });
    }
  }
  return [...found.values()];
}

function lackOf({ data, pagination }: List): 0 | null {
  return pagination.total > pagination.offset + data.length || pagination.offset > 0 ? null : 0;
}

/** A's share less B's, in percentage points; null where one is not known. */
export function differenceOf({ a, b }: PairRow): number | null {
  return a === null || b === null ? null : exact(a - b);
}

/** Without the noise of binary fractions. */
function exact(number: number): number {
  return Math.round(number * 1e6) / 1e6;
}

/** The sign of a difference before its size as text. A size that is written as nothing has none. */
export function signed(by: number, size: string): string {
  return (!/[1-9]/.test(size) ? "" : by > 0 ? "+" : "−") + size;
}

/** A difference of two shares in percentage points, as text. */
export function pointsText(by: number, digits = 2): string {
  const size = Math.abs(exact(by));
  return signed(by, digits === 2 ? ratio(size) : percent(size, digits).replace(/\s?%$/, ""));
}

/** `sort` is "a", "b" or "difference"; "-" before it: the least first. "": what is large in either comes first. */
export function sortPairs(rows: readonly PairRow[], sort: string): PairRow[] {
  const by = sort.replace(/^-/, "");
  const numberOf = (row: PairRow): number | null =>
    by === "a" ? row.a : by === "b" ? row.b : by === "difference" ? differenceOf(row) : Math.max(row.a ?? 0, row.b ?? 0);
  const sign = sort.startsWith("-") ? 1 : -1;
  return rows.map((row) => ({ row, number: numberOf(row) })).sort((x, y) => {
    if (x.number === null || y.number === null) return Number(x.number === null) - Number(y.number === null);
    return sign * (x.number - y.number) || (x.row.row.value < y.row.row.value ? -1 : 1);
  }).map(({ row }) => row);
}

/** A series with one field in percent of the whole period's number. */
export function sharesOfOwn<S extends { data: object[] }>(series: S, field: string, whole: number): S {
  const share = (row: object) => ({ ...row, [field]: whole ? (100 * ((row as Record<string, number>)[field] ?? 0)) / whole : 0 });
  return { ...series, data: series.data.map(share) };
}

/** How many times the smaller the larger is; null where the smaller is nothing. */
export function timesOf(a: number, b: number): { isA: boolean; times: number } | null {
  const [large, small] = a >= b ? [a, b] : [b, a];
  return small > 0 ? { isA: a >= b, times: large / small } : null;
}

const PAIR_OPTIONS = { limit: MAX_ROWS, fields: ["visitors", "percentage"] };

/** A list of one side, as far as the API goes at once, so that the other side's rows are found in it. */
export function pairRequest(context: Context, tab: Tab, search = ""): Request {
  const options = { ...PAIR_OPTIONS, ...(search ? { search } : {}) };
  return tab.dimension === "goal" ? goalsRequest(context, options) : listRequest(context, [tab.dimension], options);
}

/** The lists of several dimensions at once, with the rows that `pairRequest` asks for. */
export function pairsRequest(context: Context, dimensions: readonly string[]): Request {
  return listRequest(context, dimensions, PAIR_OPTIONS);
}

/** What the numbers of two lists are. */
export function aboutOf(tab: Tab, title: string): About {
  return { title, dimension: tab.dimension, metrics: PAIR_OPTIONS.fields };
}

/** Decimals of a share: rates of goals are small. */
export function digitsOf(tab: Tab): number {
  return tab.dimension === "goal" ? 2 : 1;
}

/** B's share of its own start at each node of A. */
export function sharesBeside(graph: FlowGraph, other: FlowGraph, base: number): Beside {
  const found = new Map(other.columns.flat().map(({ id, sessions }) => [id, base ? sessions / base : 0]));
  // Others of two segments are not the same steps, and hold nobody who left
  const lackOf = (column: number) => (other.columns[column]?.some(({ kind }) => kind === "others") ? null : 0);
  return new Map(graph.columns.flat().map(({ id, column, kind }) => [id, kind === "others" ? null : (found.get(id) ?? (kind === "left" ? 0 : lackOf(column)))]));
}

/** A funnel from its first step to its last. `share` is of the start; null where nobody began. */
export interface StartToEnd {
  started: number;
  completed: number;
  share: number | null;
}

export function startToEnd(rows: readonly FunnelRow[]): StartToEnd | null {
  const [first, last] = [rows[0], rows.at(-1)];
  return first && last ? { started: first.users, completed: last.users, share: last.conversion_from_start } : null;
}

/** A value of a breakdown in both funnels. null on a side that counts it among its Others. */
export interface PairGroup {
  key: string;
  value: string;
  /** Whose Others these are; "" for a value. */
  othersOf: "" | "a" | "b";
  a: StartToEnd | null;
  b: StartToEnd | null;
}

const OTHERS = "Others";

/** The groups of A in their order, then those that only B lists. Others come last, each side's apart: they are not the same values. */
export function pairGroups(a: readonly FunnelRow[], b: readonly FunnelRow[]): PairGroup[] {
  const sides = [["a", groupsOf(a)], ["b", groupsOf(b)]] as const;
  const lackOf = (groups: readonly { value: string }[]): StartToEnd | null =>
    (groups.some(({ value }) => value === OTHERS) ? null : { started: 0, completed: 0, share: null });
  const rest = { a: lackOf(sides[0][1]), b: lackOf(sides[1][1]) };
  const found = new Map<string, PairGroup>();
  for (const [side, groups] of sides) {
    for (const { value, rows } of groups) {
      const othersOf = value === OTHERS ? side : "";
      const key = JSON.stringify([value, othersOf]);
      const before = found.get(key) ?? { key, value, othersOf, ...(othersOf ? { a: null, b: null } : rest) };
      found.set(key, { ...before, [side]: startToEnd(rows) });
    }
  }
  return [...found.values()].sort((x, y) => x.othersOf.localeCompare(y.othersOf));
}
