// Addresses, taken apart by the browser's own parser.

import { isHashRouted, settings, source } from "./script";

/** The parts of an address. Never throws: an invalid address has empty parts. */
export const parse = (href: string | Location): HTMLAnchorElement =>
  Object.assign(document.createElement("a"), { href });

/** The host of a setting such as `shop.com`, `*.shop.com` or `www.shop.com`. */
const toHost = (text = ""): string => parse(text.replace(/^(\*\.|www\.)?/, "//")).hostname;

/** The part of the website that the setting `data-domain` names. */
export const givenDomain = toHost(settings.domain);

/** Other domains of the same website, for which links carry the visitor's ids. */
export const allowedHosts = settings.allowedHostnames?.match(/[^\s,]+/g)?.map(toHost);

/** What makes a page: its path, or the path in the fragment, in the server's reading of it. */
export const readPath = (): string =>
  isHashRouted ? location.hash.replace(/^[#!/]+|\?.*/g, "") : location.pathname;

/**
 * Where events are posted: beside the script's folder, or beside its `js` folder, so that a copy
 * of the script behind a proxy posts through the same proxy. A given address that ends in a slash
 * gets our file name.
 */
export const eventsAddress = parse(
  settings.api || source.replace(/(\/js)?\/[^/]*([?#].*)?$/, "/"),
).href.replace(/\/$/, "/events");
