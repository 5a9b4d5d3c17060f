/** Funnels: what the URL says → the API's question, and rows as they are shown. Pure. */

import type { Params, Request } from "./api/client";
import { common, type Context } from "./request";
import type { View } from "./state";
import { apiStep, parseStep, type Step } from "./steps";
import { USUAL_WINDOW_S } from "./windows";

export const MIN_STEPS = 2;
export const MAX_STEPS = 10;
const GROUPS = 6;

/** What a funnel can be broken down by, as the API calls it. */
export const BREAKDOWNS = ["channel_type", "device", "location", "utm_campaign", "browser"] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

export interface FunnelSettings {
  steps: Step[];
  isAnyOrder: boolean;
  windowS: number;
  by: Breakdown;
}

export function funnelSettings({ extra }: View): FunnelSettings {
  const by = extra.by?.[0] as Breakdown;
  return {
    steps: (extra.step ?? []).map(parseStep).filter((step) => step !== null).slice(0, MAX_STEPS),
    isAnyOrder: extra.any?.[0] === "1",
    windowS: Number(extra.w?.[0] ?? USUAL_WINDOW_S),
    by: BREAKDOWNS.includes(by) ? by : BREAKDOWNS[0],
  };
}

/** The parameters of a funnel alone, as it is saved. */
export function funnelParams({ steps, isAnyOrder, windowS }: FunnelSettings): Params {
  const params: Params = [["steps", JSON.stringify(steps.map(apiStep))]];
  // the steps of a funnel in any order need no window
  params.push(isAnyOrder ? ["funnel_type", "open"] : ["window_seconds", String(windowS)]);
  return params;
}

/** null while there are too few steps. */
export function funnelRequest(context: Context, isBrokenDown = false): Request | null {
  const settings = funnelSettings(context.view);
  if (settings.steps.length < MIN_STEPS) return null;
  const more: Params = isBrokenDown ? [["group_by", settings.by], ["limit", String(GROUPS)]] : [["revenue", "true"]];
  return { path: "/funnel", params: [...common(context), ...funnelParams(settings), ...more] };
}

export interface FunnelRow {
  step: number;
  event: string;
  breakdown?: string;
  users: number;
  conversion_from_start: number | null;
  conversion_from_previous: number | null;
  dropoff_from_previous: number | null;
  median_seconds_from_previous: number | null;
}

export interface FunnelAnswer {
  data: FunnelRow[];
  totals?: { started: number; completed: number; revenue: number; currency: string } | undefined;
}

/** The rows of each value of the breakdown, as the API orders them: the largest first, Others last. */
export function groupsOf(rows: readonly FunnelRow[]): { value: string; rows: FunnelRow[] }[] {
  const groups: { value: string; rows: FunnelRow[] }[] = [];
  for (const row of rows) {
    if (row.step === 1) groups.push({ value: row.breakdown ?? "", rows: [] });
    groups.at(-1)?.rows.push(row);
  }
  return groups;
}
