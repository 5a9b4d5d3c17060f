/** Times in this browser's zone, for accounts, links, keys and settings. Reports use the website's zone. */

import { locale } from "./format";

/** Date and minute. `moment` as the API writes it. */
export function localTime(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

/** The date alone. */
export function localDay(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(new Date(moment));
}
