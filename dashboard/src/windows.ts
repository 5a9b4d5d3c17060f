/** How long after its start a path or a funnel may last. */

import { locale } from "./format";

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** The API's own. */
export const USUAL_WINDOW_S = 1_209_600;
export const WINDOWS: readonly number[] = [1_800, 3_600, 86_400, 604_800, 1_209_600, 2_592_000, 7_776_000];

/** "14 days", "30 minutes": in the largest unit that needs no fraction. */
export function windowText(seconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => seconds % each === 0)!;
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
}
