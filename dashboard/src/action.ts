/** What keys, menus and the command box do to the view. */

import { intervalOf, offeredIntervals, shift, spanOf, type Period } from "./dates";
import { remember } from "./remembered";
import type { Action } from "./keys";
import { overlay } from "./parts/overlay.svelte";
import { place, reportPath, REPORTS } from "./router.svelte";
import { isDark, session, type Website } from "./session.svelte";
import { formatPeriod, formatView, withoutReport, type Bots, type Compare } from "./state";

export function choosePeriod(period: Period): void {
  // a named period is the next visit's default; a custom one would soon be old
  if ("name" in period) remember("period", formatPeriod(period));
  place.change({ period, interval: null, page: 1 });
}

export function step(by: -1 | 1, website: Website): void {
  const period = shift(place.view.period, by, session.now, website.timezone);
  if (period) place.change({ period, page: 1 });
}

const COMPARISONS: Compare[] = ["prev", "year", "off"];
const BOTS: Bots[] = ["out", "in", "only"];

export function perform(action: Action, website: Website | undefined): void {
  if (action.kind === "open" && ["command", "help"].includes(action.what)) return overlay.open(action.what);
  if (action.kind === "toggle" && action.what === "theme") {
    return void session.setTheme(isDark(session.theme) ? "light" : "dark");
  }
  if (!website) return;
  const { view } = place;
  switch (action.kind) {
    case "period": return choosePeriod({ name: action.period });
    case "step": return step(action.by, website);
    case "open": return action.what === "note" && (place.route.report || session.shared) ? undefined : overlay.open(action.what);
    case "toggle": return toggle(action.what, website);
    case "clear": return view.filters.length ? place.change({ filters: [], page: 1 }) : undefined;
    case "go":
      if ((REPORTS as readonly string[]).includes(action.report) || (action.report === "settings" && session.mayChange)) {
        place.open(reportPath(website.domain, action.report) + formatView(withoutReport(view)));
      }
  }
}

function toggle(what: "compare" | "interval" | "bots" | "theme", website: Website): void {
  const { view } = place;
  const after = <T>(all: readonly T[], current: T) => all[(all.indexOf(current) + 1) % all.length]!;
  if (what === "compare") place.change({ compare: after(COMPARISONS, view.compare) });
  if (what === "bots") place.change({ bots: after(BOTS, view.bots) });
  if (what === "interval") {
    const { days } = spanOf(view.period, session.now, website.timezone);
    place.change({ interval: after(offeredIntervals(days), intervalOf(view.interval, days)) }, "replace");
  }
}
