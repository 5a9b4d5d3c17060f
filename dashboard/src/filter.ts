/** Filters in the API's own grammar, for the editor and for clicks on rows. */

import { valueName } from "./format";
import type { Filter } from "./state";

export type Operator = "is" | "is_not" | "contains" | "contains_not";
export const OPERATORS: readonly Operator[] = ["is", "is_not", "contains", "contains_not"];

const PREFIX: Record<Operator, string> = { is: "", is_not: "!", contains: "~", contains_not: "!~" };
/** In these a comma separates values too, so a comma inside a value needs a backslash. */
const COMMA_SEPARATES = new Set([
  "device", "hostname", "referrer", "channel", "goal", "browser", "os", "language", "country",
]);
const PATHS = new Set(["page", "entry_page", "exit_page"]);

/** A value of a list as a filter: it matches that value and nothing else. */
export function literal(name: string, value: string): string {
  const special = COMMA_SEPARATES.has(name) ? /[\\|,*]/g : PATHS.has(name) ? /[\\|*]/g : /[\\|]/g;
  const escaped = value.replace(special, "\\$&");
  // before its first character, a backslash says that the value means only itself
  return escaped.startsWith("\\") || !needsGuard(name, value) ? escaped : `\\${escaped}`;
}

/** Whether the API would read a value as more than that value alone. */
function needsGuard(name: string, value: string): boolean {
  if (/^[!~]/.test(value) || value !== value.trim()) return true;
  if (PATHS.has(name)) return value.includes("%") || /^[a-z][a-z0-9+.-]*:/i.test(value);
  if (name === "browser") return value === "Safari";
  // a list has no row for sessions without it, so a row named so is a value that was sent
  return LACK_HAS_NO_ROW.has(name) && /^(unknown|direct\/none)$/i.test(value);
}

const LACK_HAS_NO_ROW = new Set([
  "goal", "event", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via",
]);

export interface Condition {
  name: string;
  operator: Operator;
  /** Each as it stands between the separators, still escaped. */
  values: string[];
}

export function conditionOf(filter: Filter): Condition {
  let rest = filter.value;
  let operator: Operator = "is";
  for (const each of ["contains_not", "is_not", "contains"] as const) {
    if (rest.startsWith(PREFIX[each])) {
      operator = each;
      rest = rest.slice(PREFIX[each].length);
      break;
    }
  }
  return { name: filter.name, operator, values: split(filter.name, rest) };
}

export function filterOf(condition: Condition): Filter {
  return { name: condition.name, value: PREFIX[condition.operator] + condition.values.join("|") };
}

/** A condition in the editor. `typed`: a value that was typed and not added to the others. */
export interface Draft extends Condition {
  typed: string;
}

/** What is typed counts, too. null where there is no value yet. */
export function draftFilter({ name, operator, values, typed }: Draft): Filter | null {
  const all = typed && !values.includes(typed) ? [...values, typed] : values;
  return all.length ? filterOf({ name, operator, values: all }) : null;
}

function split(name: string, text: string): string[] {
  const separators = COMMA_SEPARATES.has(name) ? "|," : "|";
  const values: string[] = [];
  let value = "";
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === "\\" && at + 1 < text.length) value += letter + text[++at]!;
    else if (separators.includes(letter)) {
      values.push(value);
      value = "";
    } else value += letter;
  }
  return [...values, value].filter((each) => each !== "");
}

/** A value of a filter as people read it. */
export function readable(dimension: string, value: string): string {
  return valueName(dimension, value.replace(/\\(.)/gs, "$1"));
}

/** The filters after a click on a row: that value alone takes the place of others of its dimension. */
export function withRow(filters: Filter[], name: string, value: string, operator: Operator = "is"): Filter[] {
  const added = filterOf({ name, operator, values: [literal(name, value)] });
  const others = filters.filter((each) => each.name !== name || operator !== "is" || conditionOf(each).operator !== "is");
  return others.some((each) => each.name === added.name && each.value === added.value) ? filters : [...others, added];
}

export function filterTexts(filters: Filter[]): string[] {
  return filters.map(({ name, value }) => `${name}:${value}`);
}
