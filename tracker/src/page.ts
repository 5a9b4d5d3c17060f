// Page views: the first one, the app's own navigation, and returns from the back/forward cache.

import { measure, pulse, resume } from "./engagement";
import { isHashRouted } from "./script";
import { watchScrollGoals } from "./scroll";
import { send } from "./send";

const SETTLE_MS = 100;
const PULSE_EVERY_MS = 20 * 60 * 1000; // sessions end after 30 minutes without a sign of life

let recorded = ""; // address of the last page view
let timer: number | undefined;

const withoutFragment = (url: string): string => (isHashRouted ? url : url.split("#")[0]!);

const record = (): void => {
  if (withoutFragment(recorded) == withoutFragment(location.href)) return;
  if (recorded) pulse(recorded);
  recorded = location.href;
  send("page");
  watchScrollGoals();
};

/** Apps change the address several times in a row; only where they come to rest counts. */
const recordSoon = (): void => {
  clearTimeout(timer);
  timer = setTimeout(record, SETTLE_MS);
};

const leave = (): void => {
  record(); // what was still settling
  pulse(recorded);
};

const followHistory = (name: "pushState" | "replaceState"): void => {
  const original = history[name];
  history[name] = function (...change) {
    original.apply(this, change);
    recordSoon();
  };
};

/** Record this page view and all that follow. */
export const startPages = (): void => {
  measure();
  record();
  followHistory("pushState");
  followHistory("replaceState");
  addEventListener("popstate", recordSoon); // comes with every hashchange, too
  addEventListener("focus", measure);
  addEventListener("blur", measure);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", leave);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    recorded = "";
    resume();
    record();
  });
  setInterval(leave, PULSE_EVERY_MS);
};
