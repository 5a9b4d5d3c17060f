/** Text that ends in "…" where it has no room. */

let context: CanvasRenderingContext2D | null | undefined;

/** `font` as in CSS. */
export function fit(text: string, width: number, font: string): string {
  context ??= document.createElement("canvas").getContext("2d");
  const letters = [...text].slice(0, 120);
  let shown = letters.length < [...text].length ? `${letters.join("")}…` : text;
  if (!context) return shown;
  context.font = font;
  while (letters.length && context.measureText(shown).width > width) {
    letters.pop();
    shown = `${letters.join("")}…`;
  }
  return shown;
}
