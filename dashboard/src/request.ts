/** What a view asks the API for. Pure: a page's numbers and its "copy as curl" come from the same request. */

import { BASE, type Params, type Request } from "./api/client";
import { intervalOf, spanOf, type Span } from "./dates";
import { spanText } from "./format";
import type { Filter, View } from "./state";

export interface Site {
  domain: string;
  timezone: string;
}

/** Everything that a request depends on. */
export interface Context {
  site: Site;
  view: View;
  nowMs: number;
  /** What the view's segment selects: these filters hold as well. */
  segment?: readonly Filter[];
}

export const MAX_ROWS = 1_000;
/** Before it nothing was recorded; the chart begins at the first bucket with a number. */
const BEGINNING = "2015-01-01";

export function spanIn({ view, nowMs, site }: Context): Span {
  return spanOf(view.period, nowMs, site.timezone);
}

const BOTS = { out: "", in: "include", only: "only" } as const;

/** Website, period, bots and filters: what every report takes. */
export function common(context: Context): Params {
  const { site, view } = context;
  const span = spanIn(context);
  const params: Params = [["domain", site.domain]];
  if (span.startAt) params.push(["startAt", span.startAt]);
  if (span.endAt) params.push(["endAt", span.endAt]);
  if (BOTS[view.bots]) params.push(["bots", BOTS[view.bots]]);
  return [...params, ...filterParams(context)];
}

/** The view's filters and its segment's. */
function filtersIn({ view, segment = [] }: Context): Filter[] {
  return [...view.filters, ...segment];
}

/** Filters of the same name are one condition each: all must hold. */
function filterParams(context: Context): Params {
  return filtersIn(context).map(({ name, value }) => [`filter_${name}`, value]);
}

/** What the period is compared with; nothing where there is no period before. */
export function comparison({ view }: Context): Params {
  if (view.compare === "off" || ("name" in view.period && view.period.name === "all")) return [];
  const params: Params = typeof view.compare === "string"
    ? [["compare", view.compare === "prev" ? "previous_period" : "previous_year"]]
    : [["compare", `${view.compare.from}..${view.compare.to}`]];
  if (view.matchesWeekday && typeof view.compare === "string") params.push(["match", "weekday"]);
  return params;
}

export function overviewRequest(context: Context): Request {
  return { path: "/overview", params: [...common(context), ...comparison(context)] };
}

export function timeseriesRequest(context: Context, fields: readonly string[]): Request {
  const span = spanIn(context);
  const interval = intervalOf(context.view.interval, span.days);
  const params: Params = [...common(context), ["interval", interval], ["fields", fields.join(",")]];
  if (!span.startAt) params.push(["startAt", BEGINNING]);
  return { path: "/timeseries", params: [...params, ...comparison(context)] };
}

export interface ListOptions {
  limit: number;
  offset?: number;
  search?: string;
  sort?: string;
  order?: "asc" | "desc";
  fields?: readonly string[];
  isCompared?: boolean;
}

/** One list, or several at once, which is quicker than one after the other. */
export function listRequest(context: Context, dimensions: readonly string[], options: ListOptions): Request {
  const params: Params = [["dimension", dimensions.join(",")], ...common(context), ...listParams(context, options)];
  if (context.view.attribution === "first" && dimensions.some((name) => name !== "page")) params.push(["attribution", "first"]);
  return { path: "/breakdown", params };
}

export function goalsRequest(context: Context, options: ListOptions): Request {
  return { path: "/goals", params: [...common(context), ...listParams(context, options)] };
}

function listParams(context: Context, options: ListOptions): Params {
  const params: Params = [["limit", String(options.limit)]];
  if (options.offset) params.push(["offset", String(options.offset)]);
  if (options.search) params.push(["search", options.search]);
  if (options.sort) params.push(["sort", options.sort]);
  if (options.sort && options.order) params.push(["order", options.order]);
  if (options.fields) params.push(["fields", options.fields.join(",")]);
  return options.isCompared ? [...params, ...comparison(context)] : params;
}

/** Hits by day and outcome. They are counted before there are sessions, so filters do not apply. */
export function ingestionRequest(context: Context): Request {
  const span = spanIn(context);
  const params: Params = [["domain", context.site.domain]];
  // days: a part of a day is not counted apart
  if (span.first) params.push(["startAt", span.first]);
  if (span.last) params.push(["endAt", span.last]);
  return { path: "/ingestion", params: [...params, ["limit", String(MAX_ROWS)]] };
}

export function realtimeRequest({ site, view }: Pick<Context, "site" | "view">): Request {
  const params: Params = [["domain", site.domain]];
  if (BOTS[view.bots]) params.push(["bots", BOTS[view.bots]]);
  return { path: "/realtime", params };
}

/** Website, period and filters in one line, for pictures. */
export function captionOf(context: Context): string {
  return [context.site.domain, spanText(spanIn(context)), ...filtersIn(context).map(({ name, value }) => `${name}:${value}`)].filter(Boolean).join(" · ");
}

/** A command that asks for the same; its reader puts a token into $TOKEN. */
export function asCurl(request: Request, origin: string): string {
  const words = [`curl -H "Authorization: Bearer $TOKEN" -G ${quote(origin + BASE + request.path)}`];
  for (const [name, value] of request.params) words.push(`--data-urlencode ${quote(`${name}=${value}`)}`);
  return words.join(" \\\n  ");
}

/** Text as one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same as a sentence for an assistant that can ask Footfall. */
export function asQuestion(request: Request, what: string): string {
  const given = new Map(request.params);
  const filters = request.params.filter(([name]) => name.startsWith("filter_")).map(([name, value]) => `${name.slice(7)} = ${value}`);
  const from = given.get("startAt");
  const period = from ? ` from ${from} to ${given.get("endAt") ?? "now"}` : " of all time";
  const parts = [`Ask Footfall for ${what} of ${given.get("domain") ?? "the website"}${period}`];
  if (filters.length) parts.push(`with the filters ${filters.join(" and ")}`);
  if (given.get("bots")) parts.push(`with bots: ${given.get("bots")}`);
  if (given.get("compare")) parts.push(`compared with ${given.get("compare")!.replace("_", " ")}`);
  return `${parts.join(", ")}. (GET ${request.path}?${new URLSearchParams(request.params)})`;
}
