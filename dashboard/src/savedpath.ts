/** Saved funnels and flows: the API's parameters → what the URL says. Pure. */

import { withExtra } from "./extra";
import type { Extra } from "./state";
import { formatStep, stepOfApi, type ApiStep } from "./steps";

export type Parameters = Record<string, string>;

/** The settings of a page that are of no funnel or flow stay: what a funnel is broken down by. */
export function extraOfFunnel(given: Parameters, extra: Extra): Extra {
  return withExtra(extra, { step: stepsIn(given.steps), any: given.funnel_type === "open" ? "1" : "", w: given.window_seconds ?? "" });
}

export function extraOfFlow(given: Parameters, extra: Extra): Extra {
  const [start = ""] = stepsIn(given.start_step);
  const [end = ""] = stepsIn(given.end_step);
  return withExtra(extra, {
    start, end, through: stepsIn(given.anchors), x: stepsIn(given.exclude),
    mode: end && given.end_mode !== "mark" ? "only" : "",
    dir: given.direction === "backward" ? "backward" : "",
    n: given.max_steps ?? "", rows: given.nodes_per_step ?? "", w: given.window_seconds ?? "",
    merge: given.collapse_repeats === "true" ? "1" : "", left: given.drop_off === "true" ? "" : "0", sel: "",
  });
}

/** One step or several, as the URL writes them; [] where there are none that it can hold. */
function stepsIn(json: string | undefined): string[] {
  let read: unknown;
  try {
    read = JSON.parse(json || "[]");
  } catch {
    return [];
  }
  const steps = (Array.isArray(read) ? read : [read]) as (ApiStep | string)[];
  return steps.map((step) => (typeof step === "string" ? null : stepOfApi(step))).filter((step) => step !== null).map(formatStep);
}

/** Whether a saved funnel or flow is what the URL says. */
export function isSame(saved: Parameters, now: Parameters, read: (given: Parameters, extra: Extra) => Extra): boolean {
  const text = (given: Parameters) => JSON.stringify(Object.entries(read(given, {})).sort());
  return text(saved) === text(now);
}
