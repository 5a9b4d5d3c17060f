// Addresses, taken apart by the browser's own parser.

import { isHashRouted, settings, source } from "./script";

const anchor = document.createElement("a");

/** The parts of an address, until the next call. An invalid address has the protocol ":". */
export const parse = (href: string | Location = location): HTMLAnchorElement => {
  anchor.href = href as string;
  return anchor;
};

/** The host of a setting such as `shop.com`, `*.shop.com` or `www.shop.com`. */
export const toHost = (text?: string): string =>
  parse("//" + text?.replace(/^(\*|www)\./, "")).hostname;

/** What makes a page: its path, or the path in the fragment, in the server's reading of it. */
export const readPath = (): string =>
  isHashRouted ? location.hash.replace(/^[#!/]+|\?.*/g, "") : location.pathname;

/**
 * Where events are posted: beside the script's folder, or beside its `js` folder, so that a copy
 * of the script behind a proxy posts through the same proxy. A given address that ends in a slash
 * gets our file name.
 */
export const eventsAddress = parse(
  settings.api || (new URL(".", source) as unknown as string),
).href.replace(/(\/js)?\/$/, "/events");
