// Events on their way to the server.

import { eventsAddress } from "./address";
import { isCookieless, touchIds } from "./identity";
import { isHashRouted, websiteId } from "./script";

export type Properties = Record<string, unknown>;

interface WithHints {
  userAgentData?: {
    getHighEntropyValues(names: string[]): Promise<{ platformVersion?: string }>;
  };
}

const WAIT_MS = 9; // for the platform's version
const MAX_BATCH = 20;
const MAX_LENGTH = 2048; // more than the server keeps, and 64 kB are all that may outlive a page
const waiting: object[] = [];

let platformVersion: string | undefined;

/** Browsers on Windows 11 claim Windows 10 unless they are asked, and the answer takes a moment. */
export const askPlatformVersion = (): unknown =>
  (navigator as WithHints).userAgentData
    ?.getHighEntropyValues(["platformVersion"])
    .then((hints) => (platformVersion = hints.platformVersion))
    .catch(post); // refused: wait no longer

/** Send what is waiting. */
export const post = (): void => {
  while (waiting[0]) {
    // A string goes as text/plain, which needs no preflight. Only the last of many requests may
    // outlive the page: browsers refuse this above 64 kB in total. Firefox before 133 has a
    // beacon for it instead; elsewhere not, since content blockers drop beacons to other hosts
    // unnoticed.
    const body = JSON.stringify(
      waiting.splice(0, MAX_BATCH),
      // cuts long text and drops what is empty
      (_, value: unknown) =>
        (typeof value == "string" ? value.slice(0, MAX_LENGTH) : value) || undefined,
    );
    if ("keepalive" in Request.prototype || !navigator.sendBeacon?.(eventsAddress, body))
      fetch(eventsAddress, {
        method: "POST",
        body,
        keepalive: !waiting[0],
        mode: "no-cors",
      }).catch(post); // never again, since it may have been counted: this only keeps errors quiet
  }
};

/** Send one event, together with others of the same moment and in their order. */
export const send = (type: string, facts?: object): void => {
  setTimeout(post, WAIT_MS);
  waiting.push({
    websiteId,
    type,
    url: location.href,
    referrer: document.referrer,
    title: document.title,
    language: navigator.language,
    screen: screen.width + "x" + screen.height,
    ...touchIds(),
    cookieless: isCookieless,
    hash: isHashRouted,
    get platformVersion() {
      return platformVersion; // as late as possible
    },
    ...facts,
  });
};

/** At most `most` properties, their values as text of at most 255 characters. */
export const trim = (
  properties: Properties | undefined,
  most: number,
  kept?: Properties,
): Properties | undefined => {
  for (const key in properties)
    if (most-- > 0) kept = { ...kept, [key]: `${properties[key] ?? ""}`.slice(0, 255) };
  return kept;
};

/** Record one completion of the goal `name`, which the server lower-cases. */
export const sendGoal = (name: string, properties?: Properties): void =>
  send("track", { name: `${name}`, properties: trim(properties, 10) });

/** The goal that an element's attribute names, with its properties: `<prefix>-…`. */
export const sendElementGoal = (
  element: Element,
  prefix: string,
  properties?: Properties,
): void => {
  for (const attribute of element.attributes) {
    const key = attribute.name.split(prefix + "-")[1];
    if (key) properties = { ...properties, [key.replace(/-/g, "_")]: attribute.value };
  }
  sendGoal(element.getAttribute(prefix)!, properties);
};
