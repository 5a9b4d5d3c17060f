/** Notes on the chart: to which bucket each belongs. Pure. */

import type { Answer } from "./api/client";
import { isDay, localMinute, type Interval, type Span } from "./dates";

export type NoteRow = Answer<"list_annotations">["data"][number];

/** A note's moment on the website's wall clock: a day, or a minute. "" where it has none. */
export function localMoment(at: string, zone: string): string {
  if (isDay(at) || /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(at)) return at.slice(0, 16);
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? "" : localMinute(ms, zone);
}

/** The bucket of a moment, -1 where it is in none. `starts`: when each begins, as ISO times with the zone's offset. */
export function bucketOf(moment: string, starts: readonly string[], interval: Interval, span: Span): number {
  const day = moment.slice(0, 10);
  const isDayOnly = moment.length === 10;
  const isLater = span.endAt !== "" && (isDayOnly ? day > span.last : moment > (span.endAt.length > 10 ? span.endAt : `${span.endAt}T23:59`));
  if (!moment || isLater) return -1;
  // a day is marked where it begins, which the first hour of a chart may lack
  if (isDayOnly && interval === "hour") return starts.findIndex((start) => start.startsWith(day));
  return starts.findLastIndex((start) => start.slice(0, 16) <= (isDayOnly ? `${day}T23:59` : moment));
}

export interface Flag {
  index: number;
  notes: NoteRow[];
}

/** The notes of each bucket that has some, the earliest first. */
export function flagsOf(notes: readonly NoteRow[], starts: readonly string[], interval: Interval, span: Span, zone: string): Flag[] {
  const found = new Map<number, NoteRow[]>();
  const byTime = notes.map((note) => ({ note, moment: localMoment(note.at, zone) })).sort((a, b) => (a.moment < b.moment ? -1 : a.moment > b.moment ? 1 : 0));
  for (const { note, moment } of byTime) {
    const index = bucketOf(moment, starts, interval, span);
    if (index >= 0) found.set(index, [...(found.get(index) ?? []), note]);
  }
  return [...found].map(([index, of]) => ({ index, notes: of })).sort((a, b) => a.index - b.index);
}
