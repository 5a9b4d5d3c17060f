// Page views, and the seconds in which a page was visible and had the focus.

import { readPath } from "./address";
import { settleIdentity } from "./identity";
import { listen } from "./listen";
import { lookForScrollGoals, startScrollGoals } from "./scroll";
import { post, send } from "./send";

const LOOK_EVERY_MS = 50;
const PULSE_EVERY_MS = 20 * 60 * 1000; // sessions end after 30 minutes without a sign of life
const MAX_PULSE_MS = 3600 * 1000;
const MIN_PULSE_MS = 100;

let url: string; // of the last page view
let path: string | null; // of the last page view
let seen: string; // the path at the last look

let engagedMs = 0;
let since = 0; // 0: not engaged now

/**
 * Add up to now, and see whether the visitor is still engaged. Unless it is only for an event that
 * changes this, send the time that has added up on the last page, if there is any.
 */
const pulse = (change?: Event): void => {
  const now = performance.now();
  engagedMs += since && now - since;
  since = !document.hidden && document.hasFocus() ? now : 0;
  if (!change && engagedMs > MIN_PULSE_MS) {
    send("engagement", { url, engaged_s: (Math.min(MAX_PULSE_MS, engagedMs) | 0) / 1000 });
    engagedMs = 0;
  }
};

/** Record a page view if the path has changed. */
const record = (href = location.href): void => {
  if (path == (path = readPath())) return;
  pulse();
  startScrollGoals();
  send("page", { url: (url = href) });
};

const leave = (): void => {
  record(); // what was still settling
  pulse();
  post(); // what was still waiting
};

/** Record this page view and all that follow. */
export const startPages = (): void => {
  record(settleIdentity());
  // Polling works in every browser, however the address changes: routers keep history methods
  // from before we ran, and not every browser has the Navigation API. It also finds new elements.
  setInterval(() => {
    lookForScrollGoals();
    // apps change the address several times in a row; only a path that two looks find counts
    if (seen == (seen = readPath())) record();
  }, LOOK_EVERY_MS);
  listen("focus blur", pulse);
  listen("pagehide visibilitychange", leave);
  listen(
    "pageshow",
    (event) =>
      // a return from the back/forward cache is a page view: the next check finds it
      (event as PageTransitionEvent).persisted && (path = null),
  );
  setInterval(leave, PULSE_EVERY_MS);
};
