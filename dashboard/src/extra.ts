/** Changes of what a report keeps in the URL. */

import type { Extra } from "./state";
import { USUAL_WINDOW_S } from "./windows";

/** Not written into the URL. */
const USUAL: Record<string, string> = { n: "4", rows: "4", w: String(USUAL_WINDOW_S) };

/** A change of the URL's parameters. "" or [] removes one, and so does a value that is usual. */
export function withExtra(extra: Extra, change: Record<string, string | string[]>): Extra {
  const next = { ...extra };
  for (const [name, given] of Object.entries(change)) {
    const values = typeof given === "string" ? (given && given !== USUAL[name] ? [given] : []) : given;
    if (values.length) next[name] = values;
    else delete next[name];
  }
  return next;
}
