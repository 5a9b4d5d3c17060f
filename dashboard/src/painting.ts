/**
 * A part of the page as a picture: its boxes, shapes and texts are painted on a canvas where the browser has laid them out.
 * Texts are drawn as text in the page's own font and theme, whatever they say.
 */

import { begin, drawHead, PADDING, save, type Head } from "./picture";

const TOP = 60;
/** More than a canvas may have is cut off. */
const MOST = 8_000;
const SKIPPED = "button:not(th > *), select, input, script, style, title, defs, .unseen, .segmented, .facts .link, [aria-busy=true], [data-unpainted]";

interface Brush {
  ctx: CanvasRenderingContext2D;
  left: number;
  top: number;
}

export async function downloadElement(root: Element, head: Head): Promise<void> {
  await document.fonts.ready;
  const box = root.getBoundingClientRect();
  const width = Math.min(MOST, Math.ceil(box.width)) + 2 * PADDING;
  const { canvas, ctx, colour } = begin(width, Math.min(MOST, Math.ceil(box.height)) + TOP + PADDING);
  drawHead(ctx, colour, head, width);
  ctx.translate(PADDING, TOP);
  paint({ ctx, left: box.left, top: box.top }, root);
  await save(canvas, head.name);
}

function paint(brush: Brush, element: Element): void {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || Number(style.opacity) === 0) return;
  const { ctx } = brush;
  ctx.save();
  ctx.globalAlpha *= Number(style.opacity);
  if (element instanceof SVGGeometryElement) paintShape(brush, element, style);
  else if (element instanceof HTMLElement) paintBox(brush, element, style);
  for (const child of element.childNodes) {
    if (child instanceof Text) paintText(brush, child, style, element instanceof SVGElement);
    else if (child instanceof Element && !child.matches(SKIPPED)) paint(brush, child);
  }
  ctx.restore();
}

/** A box's background and lines; what is cut off on the page is cut off here. */
function paintBox({ ctx, left, top }: Brush, element: HTMLElement, style: CSSStyleDeclaration): void {
  const box = element.getBoundingClientRect();
  const x = box.left - left;
  const y = box.top - top;
  ctx.fillStyle = style.backgroundColor;
  ctx.beginPath();
  ctx.roundRect(x, y, box.width, box.height, parseFloat(style.borderTopLeftRadius) || 0);
  ctx.fill();
  const line = parseFloat(style.borderTopWidth);
  if (line && style.borderTopStyle !== "none") {
    ctx.fillStyle = style.borderTopColor;
    ctx.fillRect(x, y, box.width, line);
  }
  if (style.overflowX === "hidden" && style.display !== "inline") ctx.clip();
}

function paintShape({ ctx, left, top }: Brush, shape: SVGGeometryElement, style: CSSStyleDeclaration): void {
  const matrix = shape.getScreenCTM();
  const path = pathOf(shape);
  if (!matrix || !path) return;
  ctx.save();
  ctx.translate(-left, -top);
  ctx.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
  const alpha = ctx.globalAlpha;
  if (style.fill !== "none") {
    ctx.globalAlpha = alpha * Number(style.fillOpacity);
    ctx.fillStyle = style.fill.startsWith("url") ? getComputedStyle(document.documentElement).getPropertyValue("--left") : style.fill;
    ctx.fill(path);
  }
  if (style.stroke !== "none") {
    ctx.globalAlpha = alpha * Number(style.strokeOpacity);
    ctx.strokeStyle = style.stroke;
    ctx.lineWidth = parseFloat(style.strokeWidth) || 1;
    ctx.stroke(path);
  }
  ctx.restore();
}

function pathOf(shape: SVGGeometryElement): Path2D | null {
  const path = new Path2D(shape instanceof SVGPathElement ? (shape.getAttribute("d") ?? "") : "");
  if (shape instanceof SVGRectElement) path.roundRect(shape.x.baseVal.value, shape.y.baseVal.value, shape.width.baseVal.value, shape.height.baseVal.value, shape.rx.baseVal.value);
  if (shape instanceof SVGCircleElement) path.arc(shape.cx.baseVal.value, shape.cy.baseVal.value, shape.r.baseVal.value, 0, 2 * Math.PI);
  if (shape instanceof SVGLineElement) {
    path.moveTo(shape.x1.baseVal.value, shape.y1.baseVal.value);
    path.lineTo(shape.x2.baseVal.value, shape.y2.baseVal.value);
  }
  return path;
}

/** Words where they stand on the page: lines have been broken by the browser. */
function paintText(brush: Brush, node: Text, style: CSSStyleDeclaration, isDrawing: boolean): void {
  const { ctx, left, top } = brush;
  if (!node.data.trim()) return;
  ctx.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  ctx.fillStyle = isDrawing ? style.fill : style.color;
  ctx.textBaseline = "alphabetic";
  // figures of the same width are the page's; right-aligned numbers end where they do there
  const isEnd = style.textAlign === "end" || style.textAlign === "right";
  ctx.textAlign = isEnd ? "right" : "left";
  const range = document.createRange();
  range.selectNodeContents(node);
  const isOneLine = range.getClientRects().length === 1;
  for (const word of node.data.matchAll(isOneLine ? /\S[^]*\S|\S/g : /\S+/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const box = range.getClientRects()[0];
    if (!box?.width) continue;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = ctx.measureText("x");
    const text = word[0].replace(/\s+/g, " ").slice(0, 500);
    const x = (isEnd ? box.right : box.left) - left;
    const y = box.top - top + (box.height - above - below) / 2 + above;
    if (isDrawing && style.stroke !== "none" && style.paintOrder.startsWith("stroke")) {
      ctx.strokeStyle = style.stroke;
      ctx.lineWidth = parseFloat(style.strokeWidth) || 0;
      ctx.lineJoin = "round";
      ctx.strokeText(text, x, y);
    }
    ctx.fillText(text, x, y);
  }
}
