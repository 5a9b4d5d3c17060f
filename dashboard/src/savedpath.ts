/** Saved funnels and flows: the API's parameters → what the URL says. Pure. */

import { withExtra } from "./extra";
import { MAX_ROWS, MAX_STEPS, MIN_STEPS } from "./flow";
import type { SavedRow } from "./saved.svelte";
import { emptyView, formatView, parseView, type Extra } from "./state";
import { formatStep, parseStep, stepOfApi, type ApiStep, type Step } from "./steps";

export type Parameters = Record<string, string>;
export type PathRow = SavedRow & { parameters: Parameters };
/** What the URL says of a saved funnel or flow. */
export type Read = (given: Parameters, extra: Extra) => Extra;

/** The settings of a page that are of no funnel or flow stay: what a funnel is broken down by. */
export function extraOfFunnel(given: Parameters, extra: Extra): Extra {
  return withExtra(extra, { step: stepsIn(given.steps), any: given.funnel_type === "open" ? "1" : "", w: whole(given.window_seconds) });
}

export function extraOfFlow(given: Parameters, extra: Extra): Extra {
  const [start = ""] = stepsIn(given.start_step);
  const [end = ""] = stepsIn(given.end_step);
  return withExtra(extra, {
    start, end, through: stepsIn(given.anchors), x: stepsIn(given.exclude),
    mode: end && given.end_mode !== "mark" ? "only" : "",
    dir: given.direction === "backward" ? "backward" : "",
    n: whole(given.max_steps, MIN_STEPS, MAX_STEPS), rows: whole(given.nodes_per_step, 1, MAX_ROWS), w: whole(given.window_seconds),
    merge: isOn(given.collapse_repeats) ? "1" : "", left: isOn(given.drop_off) ? "" : "0", sel: "",
  });
}

/** Switches as the API takes them. */
function isOn(text: string | undefined): boolean {
  return ["true", "True", "1"].includes(text ?? "");
}

/** A number as the URL writes it, within what a picture can show. */
function whole(text: string | undefined, least = 1, most = Infinity): string {
  return text ? String(Math.min(most, Math.max(least, Number(text)))) : "";
}

type Piece = ApiStep & { filters?: unknown };

/** One step or several, as the URL writes them; [] where there are none that it can hold. */
function stepsIn(json: string | undefined): string[] {
  return (piecesIn(json) ?? []).map(stepOfPiece).filter((step) => step !== null).map(formatStep);
}

/** What a JSON array holds, or the one thing that is no array; null for what is not JSON. */
function piecesIn(json: string | undefined): unknown[] | null {
  try {
    const read: unknown = JSON.parse(json?.trim() || "[]");
    return Array.isArray(read) ? read : read === null ? [] : [read];
  } catch {
    return null;
  }
}

function stepOfPiece(piece: unknown): Step | null {
  return typeof piece === "object" && piece !== null ? stepOfApi(piece as ApiStep) : null;
}

/** The parameters with conditions on every event, which the URL does not hold. */
const CONDITIONS = ["filters", "global_filters"] as const;
const STEPS = ["steps", "start_step", "end_step", "anchors", "exclude"] as const;

/** Whether the URL holds all that a saved funnel or flow counts. What was saved with conditions, or leaves out labels, would count other events without them. */
export function isWhole(given: Parameters, read: Read): boolean {
  const isFree = CONDITIONS.every((name) => piecesIn(given[name])?.length === 0);
  const areHeld = STEPS.every((name) => piecesIn(given[name])?.every(isHeld) ?? false);
  return isFree && areHeld && parseView(formatView({ ...emptyView(), extra: read(given, {}) })).dropped.length === 0;
}

function isHeld(piece: unknown): boolean {
  const step = stepOfPiece(piece);
  const held = step && parseStep(formatStep(step));
  if (!held || held.kind !== step.kind || held.name !== step.name || held.status !== step.status) return false;
  const { filters } = piece as Piece;
  return filters === undefined || filters === null || (Array.isArray(filters) && !filters.length);
}

/** Whether a saved funnel or flow is what the URL says. */
export function isSame(saved: Parameters, now: Parameters, read: Read): boolean {
  const text = (given: Parameters) => JSON.stringify(Object.entries(read(given, {})).sort());
  return text(saved) === text(now);
}
