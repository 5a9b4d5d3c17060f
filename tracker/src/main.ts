// The tracker's start: once per page, after the gates, and not before a prerendered page is shown.

import { startClicks } from "./click";
import { isClosed } from "./gate";
import { isCookieless } from "./identity";
import { listen } from "./listen";
import { startPages } from "./page";
import { websiteId } from "./script";
import { askPlatformVersion, type Properties, send, sendGoal, trim } from "./send";

type Call = [name: string, properties?: Properties | string];

interface Api {
  (...call: Call): unknown;
  q?: Call[]; // calls made before we came
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

const before = self.flowsery;

/** Calls wait here, forever if the tracker does nothing on this page. */
const calls: Pick<Call[], "splice"> & { push(call: Call): unknown } = before?.q || [];

const start = (): void => {
  try {
    if (localStorage.flowsery_ignore == "true") return;
  } catch {
    // storage is blocked: nobody can have opted out
  }
  askPlatformVersion();
  startPages();
  startClicks();
  calls.splice(0).forEach(answer);
  calls.push = answer;
};

if (!websiteId) console.error('Footfall needs data-fl-website-id="flid_..."');
else if (!before?.on) {
  ((self.flowsery = (...call) => calls.push(call)) as Api).on = true;
  if (!isClosed())
    if ((document as { prerendering?: boolean }).prerendering) listen("prerenderingchange", start);
    else start();
}
