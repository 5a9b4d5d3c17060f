// The seconds in which a page was visible and had the focus.

import { send } from "./send";

const MAX_PULSE_MS = 3600 * 1000;
const MIN_PULSE_MS = 100;

let engagedMs = 0;
let since = 0; // 0: not engaged now

/** Add up to now, and see whether the visitor is still engaged. */
export const measure = (): void => {
  const now = performance.now();
  if (since) engagedMs += now - since;
  since = !document.hidden && document.hasFocus() ? now : 0;
};

/** Measure on, without the time that the page spent in the back/forward cache. */
export const resume = (): void => {
  since = 0;
  measure();
};

/** Send what has added up on the page at `url`, if that is anything. */
export const pulse = (url: string): void => {
  measure();
  if (engagedMs > MIN_PULSE_MS) {
    send("engagement", { url, engaged_s: (Math.min(MAX_PULSE_MS, engagedMs) | 0) / 1000 });
    engagedMs = 0;
  }
};
