// The tracker's start: once per page, after the gates, and not before a prerendered page is shown.

import { startClicks } from "./click";
import { isClosed } from "./gate";
import { isCookieless, settleIdentity } from "./identity";
import { listen } from "./listen";
import { startPages } from "./page";
import { websiteId } from "./script";
import { askPlatformVersion, type Properties, send, sendGoal, trim } from "./send";

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

const answer = ([name, facts]: Call): void => {
  if (name != "identify") sendGoal(name, facts as Properties);
  else if (!isCookieless)
    send(name, {
      properties: trim((facts === facts + "" ? { email: facts } : facts) as Properties, MAX_TRAITS),
    });
};

const before = window.flowsery;

/** Calls wait here, and forever where the tracker keeps out. */
const calls: { push: (call: Call) => unknown; splice(from: number): Call[] } = [
  ...(before?.q || []),
];

const start = (): void => {
  askPlatformVersion();
  startPages(settleIdentity());
  startClicks();
  calls.splice(0).forEach(answer);
  calls.push = answer;
};

if (!websiteId) console.error("data-fl-website-id?");
else if (!before?.on) {
  window.flowsery = (...call) => void calls.push(call);
  window.flowsery.on = true;
  if (!isClosed())
    if ((document as { prerendering?: boolean }).prerendering) listen("prerenderingchange", start);
    else start();
}
