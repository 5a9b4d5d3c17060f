/** Every shortcut: its key, what it is called and what it does, in one list. */

import type { PeriodName } from "./dates";
import type { TextKey } from "./text";

export type Action =
  | { kind: "period"; period: PeriodName }
  | { kind: "step"; by: -1 | 1 }
  | { kind: "open"; what: "date" | "filter" | "command" | "help" | "note" }
  | { kind: "toggle"; what: "compare" | "interval" | "bots" | "theme" }
  | { kind: "clear" }
  | { kind: "go"; report: string };

export interface Shortcut {
  /** Lower case, as `KeyboardEvent.key`; "g o" is g and then o. */
  key: string;
  label: TextKey;
  action: Action;
}

const period = (key: string, name: PeriodName): Shortcut =>
  ({ key, label: `period.${name}` as TextKey, action: { kind: "period", period: name } });
const go = (key: string, report: string): Shortcut =>
  ({ key: `g ${key}`, label: `nav.${report || "overview"}` as TextKey, action: { kind: "go", report } });

export const SHORTCUTS: readonly Shortcut[] = [
  period("d", "today"), period("e", "yesterday"), period("h", "24h"), period("w", "7d"),
  period("t", "30d"), period("q", "91d"), period("m", "month"), period("p", "last-month"),
  period("y", "year"), period("l", "12m"), period("a", "all"),
  { key: "c", label: "keys.custom", action: { kind: "open", what: "date" } },
  { key: "arrowleft", label: "keys.earlier", action: { kind: "step", by: -1 } },
  { key: "arrowright", label: "keys.later", action: { kind: "step", by: 1 } },
  { key: "f", label: "keys.filter", action: { kind: "open", what: "filter" } },
  { key: "x", label: "keys.compare", action: { kind: "toggle", what: "compare" } },
  { key: "i", label: "keys.interval", action: { kind: "toggle", what: "interval" } },
  { key: "b", label: "keys.bots", action: { kind: "toggle", what: "bots" } },
  { key: "n", label: "keys.note", action: { kind: "open", what: "note" } },
  { key: "/", label: "keys.command", action: { kind: "open", what: "command" } },
  { key: "?", label: "keys.help", action: { kind: "open", what: "help" } },
  { key: "escape", label: "keys.clear", action: { kind: "clear" } },
  go("o", ""), go("f", "flow"), go("u", "funnels"), go("r", "retention"), go("v", "visitors"), go("l", "live"), go("s", "settings"),
];

/** What is typed next after a first key, for at most this time. */
export const SEQUENCE_MS = 1_200;

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The shortcut of a key, after `before` ("" or "g"); null if there is none. */
export function shortcutOf(pressed: Pressed, before: string): Shortcut | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  const key = (before ? `${before} ` : "") + pressed.key.toLowerCase();
  return SHORTCUTS.find((each) => each.key === key) ?? null;
}

/** Whether more keys may follow, as after "g". */
export function isPrefix(pressed: Pressed): boolean {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return false;
  return SHORTCUTS.some((each) => each.key.startsWith(`${pressed.key.toLowerCase()} `));
}

export function keyOfPeriod(name: string): string {
  const found = SHORTCUTS.find(({ action }) => action.kind === "period" && action.period === name);
  return found ? found.key.toUpperCase() : "";
}
