// The tag that loaded us: its attributes and the address they lead to.

const element = document.currentScript as HTMLScriptElement | null;

/** The tag's `data-*` attributes by their camel-case names. */
export const attributes: DOMStringMap = element?.dataset || {};

/** Whether the tag carries the attribute, with any value but "false". */
export const isOn = (name: string): boolean => (attributes[name] ?? "false") != "false";

export const isHashRouted = isOn("hash");

/**
 * Where events are posted: beside the script's folder, or beside its `js` folder, so that a copy
 * of the script behind a proxy posts through the same proxy. A given address that ends in a slash
 * gets our file name.
 */
export const eventsAddress = attributes.api
  ? attributes.api.replace(/(:\/\/[^/]+)\/?$|\/$/, "$1/events")
  : element?.src.replace(/(\/js)?\/[^/]*([?#].*)?$/, "/events");

/** Other domains of the same website, for which links carry the visitor's ids. */
export const allowedHosts = attributes.allowedHostnames?.split(/[\s,]+/) || [];
