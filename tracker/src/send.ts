// Events on their way to the server.

import { isCookieless, touchIds } from "./identity";
import { attributes, eventsAddress, isHashRouted } from "./script";

export type Properties = Record<string, unknown>;

const MAX_BATCH = 20;
const MAX_LENGTH = 2048;
const waiting: object[] = [];

type Text = string & { toWellFormed?(): string };

/** Cuts long text, repairs halves of characters (no server takes them), drops what is empty. */
const clean = (_: string, value?: Text): unknown =>
  (value?.slice?.(0, MAX_LENGTH) as Text)?.toWellFormed?.() || value || undefined;

const post = (): void => {
  while (waiting[0]) {
    const body = JSON.stringify(waiting.splice(0, MAX_BATCH), clean);
    // A string goes as text/plain, which needs no preflight. Never both ways: a request whose
    // answer was lost has still been counted.
    if ("keepalive" in Request.prototype)
      fetch(eventsAddress!, { method: "POST", body, keepalive: true, mode: "no-cors" }).catch(
        post, // which finds nothing of this any more: it is only here to keep errors quiet
      );
    else navigator.sendBeacon(eventsAddress!, body);
  }
};

/** Send one event, together with others of the same moment and in their order. */
export const send = (type: string, facts?: object): void => {
  const [visitorUid, sessionUid] = touchIds();
  if (!waiting[0]) queueMicrotask(post);
  waiting.push({
    websiteId: attributes.flWebsiteId,
    type,
    url: location.href,
    referrer: document.referrer,
    title: document.title,
    language: navigator.language,
    screen: screen.width + "x" + screen.height,
    visitorUid,
    sessionUid,
    cookieless: isCookieless,
    hash: isHashRouted,
    ...facts,
  });
};

/** At most `most` properties, their values as text of at most 255 characters. */
export const trim = (properties: Properties | undefined, most: number): Properties | undefined => {
  let kept: Properties | undefined;
  for (const key in properties)
    if (most-- > 0) (kept ||= {})[key] = `${properties[key] ?? ""}`.slice(0, 255);
  return kept;
};

/** Record one completion of the goal `name`. */
export const sendGoal = (name: string, properties?: Properties): void =>
  // a far too long name would have the whole request refused, not this event alone
  send("track", { name: `${name}`.toLowerCase().slice(0, 99), properties: trim(properties, 10) });

/** The goal that an element's attributes describe: `data-fs-<kind>` and `data-fs-<kind>-…`. */
export const sendElementGoal = (element: Element, kind: string): void => {
  const prefix = `data-fs-${kind}-`;
  const properties: Properties = {};
  for (const { name, value } of element.attributes) {
    const key = name.split(prefix)[1];
    if (key) properties[key.replace(/-/g, "_")] = value;
  }
  sendGoal(element.getAttribute("data-fs-" + kind)!, properties);
};
