/** Where a flow's nodes and links are drawn. d3-sankey chooses the order of nodes, so that few links cross. */

import { sankey } from "d3-sankey";
import type { Beside, FlowGraph, FlowLink, FlowNode } from "../flow";

export interface PlacedNode {
  node: FlowNode;
  x: number;
  y: number;
  /** To scale, but at least 2. */
  height: number;
  /** Of the other segment's bar, to the same scale; 0 for none. */
  besideHeight: number;
  /** The name's baseline; the numbers are a line below. */
  labelY: number;
}

export interface PlacedLink {
  link: FlowLink;
  path: string;
}

export interface Placed {
  width: number;
  height: number;
  /** Between the left edges of two columns. */
  step: number;
  nodes: PlacedNode[];
  links: PlacedLink[];
  /** The left edge of each column, by its number from the start. */
  columns: number[];
}

export interface SankeyOptions {
  /** What there is; the picture is wider where the columns need more. */
  width: number;
  /** Of the start's bars. */
  barHeight: number;
  /** Backward: the start is on the right. */
  isMirrored: boolean;
  /** Another segment's shares, which need room beside the nodes. */
  beside?: Beside | null;
}

export const BAR = 10;
/** Each node has room for a name and its numbers, so labels never touch. */
export const MIN_SLOT = 38;
const HEAD = 44;
const GAP = 12;
const FOOT = 8;
const MIN_STEP = 168;
const LABEL = 150;
const ROUNDS = 12;
const DECIMALS = 10;

export function place(graph: FlowGraph, { width, barHeight, isMirrored, beside }: SankeyOptions): Placed {
  const last = Math.max(1, graph.columns.length - 1);
  const step = Math.max(MIN_STEP, Math.floor((width - LABEL) / last));
  const columns = graph.columns.map((_, index) => (isMirrored ? last - index : index) * step);
  const largest = Math.max(1, ...graph.columns.map((nodes) => nodes.reduce((sum, node) => sum + node.sessions, 0)));
  const start = graph.columns[0]?.reduce((sum, node) => sum + node.sessions, 0) ?? 0;
  const scale = barHeight / Math.max(largest, ...[...(beside?.values() ?? [])].map((share) => (share ?? 0) * start));
  const placed = new Map<FlowNode, PlacedNode>();
  let bottom = HEAD;
  for (const [index, nodes] of order(graph).entries()) {
    let y = HEAD;
    for (const node of nodes) {
      const height = Math.max(2, node.sessions * scale);
      const besideHeight = (beside?.get(node.id) ?? 0) * start * scale;
      const below = node.kind === "left" ? 40 : 30;
      placed.set(node, { node, x: columns[index]!, y, height, besideHeight, labelY: y + Math.min(below, Math.max(9, height / 2 - 4)) });
      y += Math.max(MIN_SLOT, height + GAP, besideHeight + GAP);
    }
    bottom = Math.max(bottom, y);
  }
  return {
    width: last * step + LABEL, height: Math.ceil(bottom + FOOT), step, columns,
    nodes: [...placed.values()], links: ribbons(graph, placed, scale, isMirrored),
  };
}

/** The columns with their nodes from top to bottom: Others second to last, those who left last. */
export function order({ columns, links }: FlowGraph): FlowNode[][] {
  if (columns.length < 2 || !links.length) return columns;
  const nodes = columns.flat().map((node) => ({ id: node.id, node }));
  const layout = sankey<{ id: string; node: FlowNode }, { value: number }>()
    .nodeId(({ id }) => id)
    .nodeAlign((each) => (each as unknown as { node: FlowNode }).node.column)
    .nodePadding(MIN_SLOT)
    .iterations(ROUNDS)
    .extent([[0, 0], [columns.length * MIN_STEP, Math.max(...columns.map((each) => each.length)) * MIN_SLOT * 3]]);
  const made = layout({ nodes, links: links.map(({ from, to, sessions }) => ({ source: from.id, target: to.id, value: sessions })) });
  const tops = new Map(made.nodes.map(({ id, y0 }) => [id, y0 ?? 0]));
  const rank = (node: FlowNode) => (node.kind === "left" ? 2 : node.kind === "others" ? 1 : 0);
  return columns.map((column, index) => index === 0
    ? column // the start: the largest first
    : [...column].sort((a, b) => rank(a) - rank(b) || tops.get(a.id)! - tops.get(b.id)!));
}

/** Each link as a band: its ends lie in the order in which the nodes at their other ends lie. */
function ribbons(graph: FlowGraph, placed: ReadonlyMap<FlowNode, PlacedNode>, scale: number, isMirrored: boolean): PlacedLink[] {
  const starts = new Map<FlowLink, number>();
  const ends = new Map<FlowLink, number>();
  const topOf = (node: FlowNode) => placed.get(node)!.y;
  for (const node of graph.columns.flat()) {
    let y = topOf(node);
    for (const link of [...node.out].sort((a, b) => topOf(a.to) - topOf(b.to))) {
      starts.set(link, y);
      y += link.sessions * scale;
    }
    y = topOf(node);
    for (const link of [...node.in].sort((a, b) => topOf(a.from) - topOf(b.from))) {
      ends.set(link, y);
      y += link.sessions * scale;
    }
  }
  return graph.links.map((link) => {
    const near = placed.get(link.from)!.x + (isMirrored ? 0 : BAR);
    const far = placed.get(link.to)!.x + (isMirrored ? BAR : 0);
    return { link, path: ribbon(near, starts.get(link)!, far, ends.get(link)!, Math.max(1, link.sessions * scale)) };
  });
}

function ribbon(x0: number, y0: number, x1: number, y1: number, width: number): string {
  const middle = (x0 + x1) / 2;
  const point = (...numbers: number[]) => numbers.map((each) => Math.round(each * DECIMALS) / DECIMALS).join(" ");
  return `M${point(x0, y0)}C${point(middle, y0)} ${point(middle, y1)} ${point(x1, y1)}`
    + `L${point(x1, y1 + width)}C${point(middle, y1 + width)} ${point(middle, y0 + width)} ${point(x0, y0 + width)}Z`;
}

/** The node that an arrow key leads to; null at the edge. */
export function neighbour(placed: Placed, from: PlacedNode, key: string): PlacedNode | null {
  if (key === "ArrowUp" || key === "ArrowDown") {
    const column = placed.nodes.filter(({ x }) => x === from.x).sort((a, b) => a.y - b.y);
    return column[column.indexOf(from) + (key === "ArrowUp" ? -1 : 1)] ?? null;
  }
  const x = from.x + (key === "ArrowLeft" ? -placed.step : placed.step);
  const middle = ({ y, height }: PlacedNode) => y + height / 2;
  const column = placed.nodes.filter((each) => each.x === x);
  return column.sort((a, b) => Math.abs(middle(a) - middle(from)) - Math.abs(middle(b) - middle(from)))[0] ?? null;
}
