/** The steps that pickers offer: what happened in the period, with how many visitors. */

import type { Request } from "./api/client";
import { common, type Context } from "./request";
import { formatStep, stepOfLabel } from "./steps";

export interface StepsAnswer {
  data: Record<"page" | "event", { value: string; visitors: number }[]>;
}

export interface FoundStep {
  /** As in the URL. */
  step: string;
  visitors: number | null;
}

const ROWS = 50;
/** Sent with every page by the tracker itself: nobody asks for it as a step. */
const NOT_OFFERED = new Set(["page", "engagement"]);

export function stepsRequest(context: Context, search: string): Request {
  const params: Request["params"] = [["dimension", "page,event"], ...common(context), ["limit", String(ROWS)]];
  return { path: "/breakdown", params: search ? [...params, ["search", search]] : params };
}

export function foundSteps({ data }: StepsAnswer): FoundStep[] {
  const events = data.event.filter(({ value }) => !NOT_OFFERED.has(value));
  return [...data.page, ...events]
    .map(({ value, visitors }) => ({ step: formatStep(stepOfLabel(value)), visitors }))
    .sort((a, b) => b.visitors - a.visitors);
}
