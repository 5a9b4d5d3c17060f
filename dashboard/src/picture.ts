/** Pictures of panels, drawn in the browser: texts are drawn as text, whatever they say. */

import { saveAs } from "./save";

export interface Head {
  title: string;
  /** Website, period and filters. */
  caption: string;
  /** Of the file, without its ending. */
  name: string;
}

export interface TablePicture extends Head {
  columns: { label: string; isMoney: boolean }[];
  rows: { label: string; cells: string[]; share: number }[];
}

const SCALE = 2;
const WIDTH = 640;
const ROW = 32;
const HEAD = 84;
const CELL = 84;
export const PADDING = 16;

export async function downloadTable(picture: TablePicture): Promise<void> {
  await document.fonts.ready;
  const height = HEAD + picture.rows.length * ROW + PADDING;
  const { canvas, ctx, colour } = begin(WIDTH, height);
  drawHead(ctx, colour, picture, WIDTH);
  const labelWidth = WIDTH - 2 * PADDING - picture.columns.length * CELL;
  picture.columns.forEach(({ label }, index) => text(ctx, label, edge(index, picture.columns.length), HEAD - 14, { colour: colour("--text-3"), size: 12, align: "right", width: CELL - 8 }));
  picture.rows.forEach((row, index) => {
    const y = HEAD + index * ROW;
    ctx.fillStyle = colour("--people-row");
    ctx.beginPath();
    ctx.roundRect(PADDING, y + 2, Math.max(3, row.share * labelWidth), ROW - 4, 4);
    ctx.fill();
    text(ctx, row.label, PADDING + 8, y + ROW / 2, { colour: colour("--text"), width: labelWidth - 16 });
    row.cells.forEach((cell, at) => text(ctx, cell, edge(at, row.cells.length), y + ROW / 2, { colour: colour(picture.columns[at]?.isMoney ? "--money-text" : "--text"), align: "right", width: CELL - 8 }));
  });
  await save(canvas, picture.name);
}

/** A chart's canvas below its title. */
export async function downloadCanvas(source: HTMLCanvasElement, head: Head): Promise<void> {
  await document.fonts.ready;
  const width = source.width / devicePixelRatio;
  const height = source.height / devicePixelRatio;
  const { canvas, ctx, colour } = begin(width + 2 * PADDING, height + 60 + PADDING);
  drawHead(ctx, colour, head, width + 2 * PADDING);
  ctx.drawImage(source, PADDING, 60, width, height);
  await save(canvas, head.name);
}

export function begin(width: number, height: number) {
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const ctx = canvas.getContext("2d")!;
  ctx.scale(SCALE, SCALE);
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  ctx.fillStyle = colour("--surface");
  ctx.fillRect(0, 0, width, height);
  return { canvas, ctx, colour };
}

export function drawHead(ctx: CanvasRenderingContext2D, colour: (name: string) => string, { title, caption }: { title: string; caption: string }, width: number): void {
  text(ctx, title, PADDING, 22, { colour: colour("--text"), size: 14, weight: 600, width: width - 2 * PADDING });
  text(ctx, caption, PADDING, 44, { colour: colour("--text-3"), size: 12, width: width - 2 * PADDING });
}

interface TextOptions {
  colour: string;
  size?: number;
  weight?: number;
  align?: CanvasTextAlign;
  width: number;
}

/** Text that ends in "…" where it has no room. */
function text(ctx: CanvasRenderingContext2D, given: string, x: number, y: number, { colour, size = 13, weight = 400, align = "left", width }: TextOptions): void {
  ctx.font = `${weight} ${size}px Inter, system-ui, sans-serif`;
  ctx.fillStyle = colour;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  const letters = [...given].slice(0, 200);
  let shown = letters.join("");
  while (letters.length && ctx.measureText(shown).width > width) {
    letters.pop();
    shown = `${letters.join("")}…`;
  }
  ctx.fillText(shown, x, y);
}

function edge(index: number, columns: number): number {
  return WIDTH - PADDING - (columns - 1 - index) * CELL;
}

export async function save(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) saveAs(blob, `${name}.png`);
}
