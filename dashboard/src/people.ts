/** The people behind a number of a flow or funnel: what the URL of the visitors' page says → the API's parameters. */

import type { Params } from "./api/client";
import { flowRequest, flowSettings } from "./flow";
import { funnelParams, funnelSettings } from "./funnel";
import { common, type Context } from "./request";

/** null where the URL names no number: then all visitors are listed. */
export function peopleParams(context: Context): Params | null {
  const { extra } = context.view;
  const selection = extra.sel?.[0];
  const at = /^([1-9]|10)(-stopped)?$/.exec(extra.at?.[0] ?? "");
  if (selection) return ofFlow(context, selection);
  if (!extra.step || !at) return null;
  const params: Params = [...common(context), ...funnelParams(funnelSettings(context.view)), ["funnel_step", at[1]!]];
  return at[2] ? [...params, ["dropped", "true"]] : params;
}

/** In a request, a row's source is the earlier event, and so farther from the start of a backward flow. */
function ofFlow(context: Context, selection: string): Params | null {
  const found = /^(?:n(\d+):([^]+)|l(\d+):([^:]*):([^]+))$/.exec(selection);
  if (!found) return null;
  const [, column, label, step, near, far] = found;
  const isBackward = flowSettings(context.view).isBackward;
  const [nearName, farName] = isBackward ? ["flow_target", "flow_source"] : ["flow_source", "flow_target"];
  const params = flowRequest(context).params.filter(([name]) => !["revenue", "limit"].includes(name));
  if (step !== undefined) return [...params, ["flow_step", step], [nearName, decodeURIComponent(near!)], [farName, far!]];
  return column === "0" ? [...params, ["flow_step", "1"], [nearName, label!]] : [...params, ["flow_step", column!], [farName, label!]];
}
