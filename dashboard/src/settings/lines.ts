/** Lists in forms: one value per line. */

export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A whole number as typed, null for nothing. What is not one is sent as it is, and the server says what is wrong. */
export function numberOf(text: string): number | string | null {
  const given = text.trim();
  return given === "" ? null : /^\d+$/.test(given) ? Number(given) : given;
}
