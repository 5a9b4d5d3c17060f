/** Days and periods in a website's time zone. A day is a text such as "2026-11-28". */

export type Day = string;
export type Interval = "hour" | "day" | "week" | "month";

export const INTERVALS: readonly Interval[] = ["hour", "day", "week", "month"];

export const PERIODS = [
  "today", "yesterday", "24h", "7d", "30d", "91d", "month", "last-month", "year", "12m", "all",
] as const;
export type PeriodName = (typeof PERIODS)[number];

/** A named period, or one from and to a day or a minute ("2026-11-28T08:00"), both included. `to` "" is open. */
export type Period = { name: PeriodName } | { from: string; to: string };

/** What a period means now: what the API is asked for, and its days. */
export interface Span {
  startAt: string;
  endAt: string;
  first: Day;
  last: Day;
  days: number;
  /** Whether it covers the present, so that its numbers still change. */
  isOpen: boolean;
  /** Given in hours rather than in whole days. */
  isTimed: boolean;
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const MINUTE = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)$/;
const DAY_MS = 86_400_000;
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

export function isDay(text: string): boolean {
  const found = DAY.exec(text);
  if (!found) return false;
  const year = Number(found[1]);
  return year >= FIRST_YEAR && year <= LAST_YEAR && dayOf(toDate(text)) === text;
}

/** A day or a minute. */
export function isMoment(text: string): boolean {
  const found = MINUTE.exec(text);
  return found ? isDay(found[1]!) : isDay(text);
}

function toDate(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

function dayOf(date: Date): Day {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}

export function addDays(day: Day, count: number): Day {
  return dayOf(new Date(toDate(day).getTime() + count * DAY_MS));
}

/** The same day of another month, or that month's last day where it is shorter. */
export function addMonths(day: Day, count: number): Day {
  const date = toDate(day);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, length));
  return dayOf(date);
}

export function daysBetween(first: Day, last: Day): number {
  return Math.round((toDate(last).getTime() - toDate(first).getTime()) / DAY_MS) + 1;
}

/** 0 is Monday. */
export function weekdayOf(day: Day): number {
  return (toDate(day).getUTCDay() + 6) % 7;
}

export function isWeekend(day: Day): boolean {
  return weekdayOf(day) >= 5;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The local wall clock of an instant: "2026-11-28T09:30". */
export function localMinute(atMs: number, zone: string): string {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23",
      year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(atMs).map((part) => [part.type, part.value]));
  return `${parts.year!.padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export function today(nowMs: number, zone: string): Day {
  return localMinute(nowMs, zone).slice(0, 10);
}

/** What a period means at an instant, in a zone. "Last 30 days" ends yesterday: today is not over. */
export function spanOf(period: Period, nowMs: number, zone: string): Span {
  const now = today(nowMs, zone);
  if (!("name" in period)) {
    const open = period.to === "" ? now : period.to;
    const last = open.slice(0, 10) < period.from.slice(0, 10) ? period.from.slice(0, 10) : open.slice(0, 10);
    return span(period.from, period.to, period.from.slice(0, 10), last, now);
  }
  const yesterday = addDays(now, -1);
  const ofDays = (first: Day, last: Day) => span(first, last, first, last, now);
  switch (period.name) {
    case "today": return ofDays(now, now);
    case "yesterday": return ofDays(yesterday, yesterday);
    case "24h": return lastDay(nowMs, zone, now);
    case "7d": return ofDays(addDays(now, -7), yesterday);
    case "30d": return ofDays(addDays(now, -30), yesterday);
    case "91d": return ofDays(addDays(now, -91), yesterday);
    case "month": return ofDays(`${now.slice(0, 8)}01`, now);
    case "last-month": {
      const end = addDays(`${now.slice(0, 8)}01`, -1);
      return ofDays(`${end.slice(0, 8)}01`, end);
    }
    case "year": return ofDays(`${now.slice(0, 5)}01-01`, now);
    case "12m": return ofDays(addMonths(now, -12), yesterday);
    case "all": return { ...span("", "", "", now, now), days: 0, isOpen: true };
  }
}

/** The 24 hours up to and including this one, as hours of the local clock. */
function lastDay(nowMs: number, zone: string, now: Day): Span {
  const hour = (ms: number) => localMinute(ms, zone).slice(0, 14);
  const from = `${hour(nowMs - 23 * 3_600_000)}00`;
  const to = `${hour(nowMs)}59`;
  return span(from, to, from.slice(0, 10), now, now);
}

function span(startAt: string, endAt: string, first: Day, last: Day, now: Day): Span {
  return {
    startAt, endAt, first, last,
    days: first ? daysBetween(first, last) : 0,
    isOpen: last >= now,
    isTimed: startAt.includes("T") || endAt.includes("T"),
  };
}

/** The interval that shows a span best. */
export function usualInterval(days: number): Interval {
  if (days === 0) return "month";
  if (days <= 2) return "hour";
  if (days <= 100) return "day";
  return days <= 200 ? "week" : "month";
}

/** Intervals that do not make more buckets than can be seen, or only one. */
export function offeredIntervals(days: number): Interval[] {
  if (days === 0) return ["week", "month"];
  return INTERVALS.filter((interval) => {
    if (interval === "hour") return days <= 14;
    if (interval === "day") return days > 1 && days <= 400;
    return interval === "week" ? days > 7 : days > 31;
  });
}

export function intervalOf(wanted: Interval | null, days: number): Interval {
  const offered = offeredIntervals(days);
  if (wanted && offered.includes(wanted)) return wanted;
  return usualInterval(days);
}

/** The period of the same length before or after, null beyond today. */
export function shift(period: Period, by: -1 | 1, nowMs: number, zone: string): Period | null {
  const { first, last, days, startAt, isTimed } = spanOf(period, nowMs, zone);
  if (!days) return null;
  const now = today(nowMs, zone);
  if (isTimed) return shiftHours(startAt, spanOf(period, nowMs, zone).endAt || localMinute(nowMs, zone), by, nowMs, zone);
  const isMonth = first.endsWith("-01") && ("name" in period ? ["month", "last-month"].includes(period.name) : addDays(last, 1).endsWith("-01"));
  const months = isMonth ? Math.max(1, Math.round(days / 30.4)) : 0;
  const from = months ? addMonths(first, by * months) : addDays(first, by * days);
  const end = months ? addDays(addMonths(from, months), -1) : addDays(from, days - 1);
  if (from > now) return null;
  return { from, to: end > now ? now : end };
}

function shiftHours(from: string, to: string, by: number, nowMs: number, zone: string): Period | null {
  const minutes = (text: string) => Date.parse(`${text.length > 10 ? text : `${text}T00:00`}:00Z`) / 60_000;
  const length = minutes(to) - minutes(from) + 1;
  const move = (text: string) => new Date((minutes(text) + by * length) * 60_000).toISOString().slice(0, 16);
  if (move(from) > localMinute(nowMs, zone)) return null;
  return { from: move(from), to: move(to) };
}

/** The days or hours of the bucket that begins at `start`, an ISO time with the zone's offset. */
export function bucketPeriod(start: string, interval: Interval, within: Span): Period {
  const day = start.slice(0, 10);
  if (interval === "hour") {
    const hour = start.slice(0, 14);
    return { from: `${hour}00`, to: `${hour}59` };
  }
  const next = interval === "day" ? addDays(day, 1)
    : interval === "week" ? addDays(day, 7 - weekdayOf(day))
    : addMonths(`${day.slice(0, 8)}01`, 1);
  const end = addDays(next, -1);
  return { from: day, to: within.last && end > within.last ? within.last : end };
}
