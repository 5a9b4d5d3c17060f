// The tracker's start: once per page, after the gates, and not before a prerendered page is shown.

import { startClicks } from "./click";
import { isClosed } from "./gate";
import { isCookieless, settleIdentity } from "./identity";
import { startPages } from "./page";
import { attributes } from "./script";
import { startScrollGoals } from "./scroll";
import { type Properties, send, sendGoal, trim } from "./send";

type Call = [name: string, properties?: Properties | string];

interface Api {
  (...call: Call): void;
  q?: Iterable<Call>; // calls made before we came
  on?: boolean;
}

declare global {
  interface Window {
    flowsery?: Api;
  }
}

const MAX_TRAITS = 15; // user_id, name, email, customer_id, image and ten more

const answer = (name: string, told?: Properties | string): void => {
  if (name != "identify") sendGoal(name, told as Properties);
  else if (!isCookieless) {
    const traits = typeof told == "string" ? { email: told } : told;
    send(name, { properties: trim(traits, MAX_TRAITS) });
  }
};

const install = (api: Api): void => {
  (window.flowsery = api).on = true;
};

const start = (calls: Iterable<Call>): void => {
  settleIdentity();
  startPages();
  startClicks();
  startScrollGoals();
  install(answer);
  for (const call of calls) answer(...call);
};

if (attributes.flWebsiteId && !window.flowsery?.on) {
  const calls = [...(window.flowsery?.q || [])];
  install((...call) => void calls.push(call)); // and that is all where the tracker keeps out
  if (!isClosed())
    if ((document as { prerendering?: boolean }).prerendering)
      document.addEventListener("prerenderingchange", () => start(calls), { once: true });
    else start(calls);
}
