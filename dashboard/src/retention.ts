/** Retention: what the URL says → the API's question, and cohorts as they are shown. Pure. */

import type { Params, Request } from "./api/client";
import { addDays, weekdayOf, type Day } from "./dates";
import { percent } from "./format";
import { common, spanIn, type Context } from "./request";
import { parseStep, type Step } from "./steps";

const USUAL_WEEKS = 12;
const MAX_WEEKS = 52;
export const LAST_WEEK = 12;

export interface RetentionSettings {
  /** What counts as coming back; null is any event. */
  back: Step | null;
  isWallet: boolean;
  isCurve: boolean;
}

export function retentionSettings({ view }: Pick<Context, "view">): RetentionSettings {
  const { extra } = view;
  return { back: parseStep(extra.ret?.[0] ?? ""), isWallet: extra.who?.[0] === "wallet", isCurve: extra.wk?.[0] === "curve" };
}

/** The days of the first visits: the chosen period, but at least the 12 weeks up to its end. */
export function cohortDays(context: Context): { first: Day; last: Day; weeks: number } {
  const { first, last } = spanIn(context);
  if (!last) return { first: "", last: "", weeks: MAX_WEEKS };
  const monday = (day: Day) => addDays(day, -weekdayOf(day));
  const usual = addDays(monday(last), -7 * (USUAL_WEEKS - 1));
  const from = first && first < usual ? monday(first) : usual;
  let weeks = 0;
  for (let day = from; day <= last && weeks < MAX_WEEKS; day = addDays(day, 7)) weeks++;
  return { first: from, last, weeks };
}

const TYPES: Partial<Record<Step["kind"], string>> = { page: "page", goal: "track", log: "decoded_log", tx: "transaction", sig: "signature" };

/** An event's type and name, as the API tells events apart that count as a return. */
function backParams({ kind, name }: Step): Params {
  const type = TYPES[kind];
  if (!type) return [["event_type", name]];
  return name && kind !== "page" ? [["event_type", type], ["event_name", name]] : [["event_type", type]];
}

export function retentionRequest(context: Context): Request {
  const { back, isWallet } = retentionSettings(context);
  const { first, last, weeks } = cohortDays(context);
  const params = common(context).filter(([name]) => name !== "startAt" && name !== "endAt");
  if (first) params.push(["startAt", first], ["endAt", last]);
  params.push(["limit", String(weeks)]);
  if (isWallet) params.push(["id_type", "address"]);
  if (back) params.push(...backParams(back));
  return { path: "/retention", params };
}

export interface Cohort {
  cohort_week: Day;
  num_users: number;
  [week: `week_${number}`]: number | null;
}

/** After how many days one has come back. */
export const DAYS = [7, 30, 90] as const;

export interface RetentionAnswer {
  data: { metric: Record<string, number | string | null>; user: Cohort[] }[];
}

export function weekOf(cohort: Cohort, week: number): number | null {
  return cohort[`week_${week}`] ?? null;
}

/** A number of the whole answer. */
export function numberOf(answer: RetentionAnswer | null, name: string): number | null {
  const found = answer?.data[0]?.metric[name];
  return typeof found === "number" ? found : null;
}

/** A share as text. Few people are not nobody. */
export function writeShare(share: number): string {
  if (share === 0 || share === 1) return percent(100 * share, 0);
  return share < 0.0005 ? `<${percent(0.1)}` : percent(100 * share);
}

export function peopleIn(cohorts: readonly Cohort[]): number {
  return cohorts.reduce((sum, { num_users }) => sum + num_users, 0);
}

/** The share of all people whose k-th week is over that came back in it; null where it is over for nobody. */
export function meanOf(cohorts: readonly Cohort[], week: number): number | null {
  const over = cohorts.filter((cohort) => weekOf(cohort, week) !== null);
  const people = over.reduce((sum, { num_users }) => sum + num_users, 0);
  // shares have four decimals, which are whole people up to 10,000
  const back = over.reduce((sum, cohort) => sum + Math.round(weekOf(cohort, week)! * cohort.num_users), 0);
  return people ? back / people : null;
}

/** Whether an answer ends before a week: of more than MAX_WEEKS weeks, it has the newest ones with enough people. */
export function endsBefore(cohorts: readonly Cohort[], week: Day): boolean {
  return cohorts.length >= MAX_WEEKS && cohorts.every(({ cohort_week }) => cohort_week > week);
}

/** The last week that anybody's cohort has reached: columns after it would be blank. */
export function weeksShown(cohorts: readonly Cohort[]): number {
  let last = 0;
  for (let week = 0; week <= LAST_WEEK; week++) if (cohorts.some((cohort) => weekOf(cohort, week) !== null)) last = week;
  return Math.min(LAST_WEEK, last + 1);
}

/** 0 to 5: steps of a square-root scale, since most shares are below a tenth. */
export function shade(share: number): number {
  return share <= 0 ? 0 : 1 + [0.01, 0.04, 0.09, 0.25].filter((limit) => share >= limit).length;
}
