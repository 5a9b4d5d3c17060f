/** Flows: what the URL says → the API's question; its rows → columns of nodes that must add up. Pure. */

import type { Request, Params } from "./api/client";
import { common, type Context } from "./request";
import type { View } from "./state";
import { ANY_PAGE, apiStep, parseStep, type Step } from "./steps";
import { USUAL_WINDOW_S } from "./windows";

export interface FlowSettings {
  start: Step;
  through: Step[];
  end: Step | null;
  leftOut: Step[];
  isBackward: boolean;
  /** Only paths that reach the end. */
  isOnlyToEnd: boolean;
  steps: number;
  rows: number;
  windowS: number;
  merges: boolean;
  showsLeft: boolean;
}

export const MIN_STEPS = 2;
export const MAX_STEPS = 10;
export const MAX_ROWS = 20;
export const MAX_THROUGH = 8;
const USUAL = { steps: 4, rows: 4, windowS: USUAL_WINDOW_S } as const;
const LIMIT = 100_000;

export function flowSettings({ extra }: View): FlowSettings {
  const one = (name: string) => extra[name]?.[0] ?? "";
  const many = (name: string) => (extra[name] ?? []).map(parseStep).filter((step) => step !== null);
  const end = parseStep(one("end"));
  return {
    start: parseStep(one("start")) ?? parseStep(ANY_PAGE)!,
    through: many("through").slice(0, MAX_THROUGH),
    end,
    leftOut: many("x"),
    isBackward: one("dir") === "backward",
    isOnlyToEnd: end !== null && one("mode") === "only",
    steps: Number(one("n") || USUAL.steps),
    rows: Number(one("rows") || USUAL.rows),
    windowS: Number(one("w") || USUAL.windowS),
    merges: one("merge") === "1",
    showsLeft: one("left") !== "0",
  };
}

/** The parameters of a flow alone, as it is saved. */
export function flowParams(settings: FlowSettings): Params {
  const params: Params = [["start_step", JSON.stringify(apiStep(settings.start))]];
  if (settings.through.length) params.push(["anchors", JSON.stringify(settings.through.map(apiStep))]);
  if (settings.end) params.push(["end_step", JSON.stringify(apiStep(settings.end))], ["end_mode", settings.isOnlyToEnd ? "only" : "mark"]);
  if (settings.leftOut.length) params.push(["exclude", JSON.stringify(settings.leftOut.map(apiStep))]);
  if (settings.isBackward) params.push(["direction", "backward"]);
  params.push(["max_steps", String(settings.steps)], ["nodes_per_step", String(settings.rows)], ["window_seconds", String(settings.windowS)]);
  if (settings.merges) params.push(["collapse_repeats", "true"]);
  if (settings.showsLeft) params.push(["drop_off", "true"]);
  return params;
}

/** What the picture asks for. `part` differs for the paths to the end, and for one more step of them. */
export function flowRequest(context: Context, part: { isOnlyToEnd?: boolean; steps?: number } = {}): Request {
  const settings = { ...flowSettings(context.view), ...part };
  return { path: "/flow", params: [...common(context), ...flowParams(settings), ["revenue", "true"], ["limit", String(LIMIT)]] };
}

export interface FlowRow {
  step: number;
  source: string;
  target: string;
  transitions: number;
  percentage: number;
  revenue?: number;
}

export interface FlowTotals {
  started: number;
  paths: number;
  reached_end: number | null;
  beyond_max_steps: number | null;
  revenue: number;
  reached_end_revenue: number | null;
  beyond_max_steps_revenue: number | null;
  currency: string;
}

export interface FlowAnswer {
  data: FlowRow[];
  totals?: FlowTotals | undefined;
  pagination?: { total: number } | undefined;
}

export interface FlowNode {
  id: string;
  /** 0 is the start; backward too. */
  column: number;
  label: string;
  kind: "step" | "others" | "left";
  isEnd: boolean;
  sessions: number;
  revenue: number;
  /** From the side of the start, and to the other side. */
  in: FlowLink[];
  out: FlowLink[];
}

export interface FlowLink {
  id: string;
  from: FlowNode;
  to: FlowNode;
  sessions: number;
  revenue: number;
}

export interface FlowGraph {
  /** By column: steps with the most sessions first, then Others, then those who left. */
  columns: FlowNode[][];
  links: FlowLink[];
}

const LEFT = "__DROP_OFF__";
const OTHERS = "Others";
const END = "__END_MATCH__";

/** Columns from the start outwards: backward, an API row's target is nearer to the start. */
export function graphOf(rows: readonly FlowRow[], isBackward: boolean): FlowGraph {
  const nodes = new Map<string, FlowNode>();
  const links: FlowLink[] = [];
  const node = (column: number, text: string): FlowNode => {
    const id = `${column}:${text}`;
    const found = nodes.get(id);
    if (found) return found;
    const isEnd = text.endsWith(END);
    const kind = text === LEFT ? "left" : text === OTHERS ? "others" : "step";
    const made: FlowNode = {
      id, column, kind, isEnd, label: isEnd ? text.slice(0, -END.length) : text, sessions: 0, revenue: 0, in: [], out: [],
    };
    nodes.set(id, made);
    return made;
  };
  for (const row of rows) {
    const [near, far] = isBackward ? [row.target, row.source] : [row.source, row.target];
    const link: FlowLink = {
      id: `${row.step}:${encodeURIComponent(near)}:${far}`,
      from: node(row.step - 1, near), to: node(row.step, far), sessions: row.transitions, revenue: row.revenue ?? 0,
    };
    link.from.out.push(link);
    link.to.in.push(link);
    links.push(link);
  }
  for (const each of nodes.values()) {
    const counted = each.column ? each.in : each.out;
    each.sessions = sum(counted.map((link) => link.sessions));
    each.revenue = cents(sum(counted.map((link) => link.revenue)));
  }
  return { columns: columnsOf([...nodes.values()]), links };
}

const RANK = { step: 0, others: 1, left: 2 };

function columnsOf(nodes: FlowNode[]): FlowNode[][] {
  const columns: FlowNode[][] = [];
  for (const node of nodes) (columns[node.column] ??= []).push(node);
  for (const column of columns) {
    column.sort((a, b) => RANK[a.kind] - RANK[b.kind] || b.sessions - a.sessions || (a.id < b.id ? -1 : 1));
  }
  return columns;
}

/** Another segment's share of its own start at each node, by the node's id. null: it is in that one's Others, or not drawn. */
export type Beside = ReadonlyMap<string, number | null>;

export interface ColumnSum {
  /** Sessions that came into the column; of these: */
  total: number;
  wentOn: number;
  left: number;
  atEnd: number;
}

/** What arrives in each column after the start. */
export function columnSums({ columns }: FlowGraph): ColumnSum[] {
  return columns.slice(1).map((nodes) => {
    const of = (test: (node: FlowNode) => boolean) => sum(nodes.filter(test).map((node) => node.sessions));
    const left = of((node) => node.kind === "left");
    const atEnd = of((node) => node.isEnd);
    const total = of(() => true);
    return { total, left, atEnd, wentOn: total - left - atEnd };
  });
}

/** What does not add up, each as a sentence's parts; none is what must be. */
export interface Imbalance {
  where: string;
  is: number;
  expected: number;
}

export function imbalances(graph: FlowGraph, answer: FlowAnswer, { showsLeft, isBackward }: FlowSettings): Imbalance[] {
  const found: Imbalance[] = [];
  const check = (where: string, is: number, expected: number) => {
    if (is !== expected) found.push({ where, is, expected });
  };
  const { totals, data, pagination } = answer;
  check("rows", data.length, pagination?.total ?? data.length);
  if (!totals) return found;
  const sums = columnSums(graph);
  if (totals.reached_end !== null) check("end", sum(sums.map((each) => each.atEnd)), totals.reached_end - (totals.beyond_max_steps ?? 0));
  if (!showsLeft || !data.length) return found;
  check("start", sums[0]?.total ?? 0, totals.paths);
  for (const [index, { wentOn }] of sums.slice(0, -1).entries()) check(`step ${index + 1}`, sums[index + 1]?.total ?? 0, wentOn);
  for (const node of graph.columns.slice(1, -1).flat()) {
    if (node.kind === "left" || node.isEnd) continue;
    const [into, out] = isBackward ? [node.out, node.in] : [node.in, node.out];
    check(node.id, sum(into.map((link) => link.sessions)), sum(out.map((link) => link.sessions)));
  }
  return found;
}

/** What is selected, as in the URL: "n" and a node's id, or "l" and a link's. */
export interface Selection {
  node: FlowNode | null;
  link: FlowLink | null;
}

export function selected(graph: FlowGraph, text: string): Selection {
  const id = text.slice(1);
  return {
    node: text.startsWith("n") ? (graph.columns.flat().find((node) => node.id === id) ?? null) : null,
    link: text.startsWith("l") ? (graph.links.find((link) => link.id === id) ?? null) : null,
  };
}

/** The links that a selection lights up. null where nothing is selected, so that none is greyed. */
export function litLinks({ node, link }: Selection): ReadonlySet<string> | null {
  if (link) return new Set([link.id]);
  return node ? new Set([...node.in, ...node.out].map((each) => each.id)) : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Sums of money without the noise of binary fractions. */
function cents(amount: number): number {
  return Math.round(amount * 1e4) / 1e4;
}
