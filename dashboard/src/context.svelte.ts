/** What reports ask for: the address's view, with the filters of its segment. */

import type { Context } from "./request";
import { place } from "./router.svelte";
import { segments } from "./saved.svelte";
import { session, type Website } from "./session.svelte";
import type { View } from "./state";
import { t } from "./text";

export function contextOf(site: Website, view: View = place.view): Context {
  return { site, view, nowMs: session.now, segment: segments.filtersOf(view.segment) };
}

/** Whether two segments are shown beside each other. */
export function hasTwo(view: View = place.view): boolean {
  return segments.find(view.segment2) !== undefined;
}

/** Two segments beside each other: what each asks for, and its name. Neither is compared with another period. */
export function pairOf(site: Website) {
  const view: View = { ...place.view, compare: "off" };
  const nameOf = (id: string) => segments.find(id)?.name ?? t("panel.allVisitors");
  return {
    contexts: { a: contextOf(site, view), b: contextOf(site, { ...view, segment: view.segment2 }) },
    names: { a: nameOf(view.segment), b: nameOf(view.segment2) },
  };
}
