/** What can be chosen for a website, from the browser's own lists. */

import { locale } from "../format";

export interface Choice {
  value: string;
  label: string;
}

/** `current` is in the list even if the browser does not know it. */
export function timezones(current: string): Choice[] {
  const names = new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), current].filter(Boolean));
  return [...names].sort().map((value) => ({ value, label: value.replaceAll("_", " ") }));
}

export function currencies(current: string): Choice[] {
  const names = new Intl.DisplayNames(locale(), { type: "currency", fallback: "none" });
  const codes = new Set([...Intl.supportedValuesOf("currency"), current].filter(Boolean));
  return [...codes].sort().map((value) => ({ value, label: [value, nameIn(names, value)].filter(Boolean).join("  ") }));
}

function nameIn(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? "";
  } catch {
    return ""; // not a code
  }
}
