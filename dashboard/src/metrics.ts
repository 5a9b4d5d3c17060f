/** The numbers that tiles and chart show. Their rules come from the server's registry. */

import type { Unit } from "./format";
import { t, type TextKey } from "./text";

export interface Metric {
  /** As in the API. */
  name: MetricName;
  label: TextKey;
  unit: Unit;
  /** A token of a colour. */
  colour: string;
  /** Whether less is better. */
  isLowGood?: boolean;
}

export type MetricName =
  | "visitors" | "sessions" | "pageviews" | "bounce_rate" | "avg_engaged_time" | "kpi_value" | "kpi_conversion_rate" | "revenue"
  | "revenue_per_visitor" | "conversion_rate" | "new_revenue" | "renewal_revenue" | "refunded_revenue";

const metric = (name: MetricName, unit: Unit, colour: string, isLowGood = false): Metric =>
  ({ name, label: `metric.${name}` as TextKey, unit, colour, isLowGood });

export const METRICS: readonly Metric[] = [
  metric("visitors", "count", "--people"),
  metric("sessions", "count", "--people"),
  metric("pageviews", "count", "--people"),
  metric("bounce_rate", "percent", "--text-3", true),
  metric("avg_engaged_time", "seconds", "--text-3"),
  metric("kpi_value", "count", "--end"),
  metric("kpi_conversion_rate", "percent", "--end"),
  metric("revenue", "money", "--money"),
  metric("revenue_per_visitor", "money", "--money"),
  metric("conversion_rate", "percent", "--end"),
];

/** What the rule of revenue shows as well. */
export const OF_REVENUE: readonly MetricName[] = ["revenue_per_visitor", "conversion_rate"];
/** Tiles that are shown only on request. */
export const ON_REQUEST: readonly MetricName[] = [...OF_REVENUE, "kpi_conversion_rate"];

/** Everything that one timeseries brings for tiles, chart and hover card. */
export const SERIES_FIELDS = [
  ...METRICS.map(({ name }) => name), "new_revenue", "renewal_revenue", "refunded_revenue", "partial",
] as const;

export function metricOf(name: string): Metric {
  return METRICS.find((each) => each.name === name) ?? METRICS[0]!;
}

/** `kpi`: the website's, which has a name of its own. */
export function labelOf({ name, label }: Metric, kpi: string | null): string {
  return name === "kpi_value" && kpi ? kpi : t(label, { name: kpi ?? t("metric.kpi") });
}
