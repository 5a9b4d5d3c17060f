/** The steps that pickers offer: what happened in the period, with how many visitors. */

import type { Answer, Request } from "./api/client";
import { common, type Context } from "./request";
import { formatStep, stepOfApi } from "./steps";

export type StepsAnswer = Answer<"steps">;

export interface FoundStep {
  /** As in the URL. */
  step: string;
  /** null: not counted, since it was typed. */
  visitors: number | null;
}

const ROWS = 50;

export function stepsRequest(context: Context, search: string): Request {
  const params: Request["params"] = [...common(context), ["limit", String(ROWS)]];
  return { path: "/steps", params: search ? [...params, ["search", search]] : params };
}

/** What is named like a built-in event cannot be a step, and is not offered. */
export function foundSteps({ data }: StepsAnswer): FoundStep[] {
  const found = data.map(({ step, visitors }) => ({ step: step ? stepOfApi(step) : null, visitors }));
  return found.flatMap(({ step, visitors }) => (step ? [{ step: formatStep(step), visitors }] : []));
}
