// The tag that loaded us: its settings and the address they lead to.

const running = document.currentScript as HTMLScriptElement | null;

// Modules, import() and evaluated code have no current script. A running script without the
// attribute may have the id in its address.
const tag = running?.dataset.flWebsiteId
  ? running
  : document.querySelector<HTMLScriptElement>("[data-fl-website-id]") || running;

export const source = tag?.src || location.origin;

/** The tag's `data-*` attributes by their camel-case names. */
export const settings: DOMStringMap = tag?.dataset || {};

/** Tag managers may drop attributes: then the script's address ends in the id. */
export const websiteId = (settings.flWebsiteId || source).match(/flid_\w+$/)?.[0];

/** Whether the setting is there, with any value but "false". */
export const isOn = (name: string): boolean => (settings[name] ?? "false") != "false";

export const isHashRouted = isOn("hash");
