/** What the pages of visitors ask for, and a person's story as visits. Pure. */

import type { Answer, Params, Request } from "./api/client";
import { addDays, daysBetween } from "./dates";
import { peopleParams } from "./people";
import { common, type Context } from "./request";

export const PAGE = 50;
export const SORTS = ["last_seen", "sessions", "pageviews", "goals", "paid"] as const;
/** Days that the strip shows at most. */
const MAX_DAYS = 28;

export type Person = Answer<"visitor">["data"];
export type Visit = NonNullable<Person["sessions"]>[number];
export type Happening = NonNullable<Person["events"]>[number];

/** One page of visitors: everybody, or the people behind a number of a flow or funnel. */
export function visitorsRequest(context: Context): Request {
  const { view } = context;
  const params: Params = [...(peopleParams(context) ?? common(context)), ["limit", String(PAGE)]];
  if (view.search) params.push(["search", view.search]);
  const sort = view.sort.replace(/^-/, "");
  if (sort && sort !== "last_seen") params.push(["sort", sort]);
  if (view.sort.startsWith("-")) params.push(["order", "asc"]);
  const cursor = view.extra.cursor?.[0];
  if (cursor) params.push(["cursor", cursor]);
  return { path: "/visitors", params };
}

/** Everything of a person, or with `before` what came before a cursor. */
export function personRequest(domain: string, id: string, before = ""): Request {
  const params: Params = [["domain", domain], ["include", "sessions,events"]];
  if (before) params.push(["before", before]);
  return { path: `/visitors/${encodeURIComponent(id)}`, params };
}

export type Kind = "page" | "goal" | "pay" | "chain" | "who" | "link";

const CHAIN = new Set(["detect", "connect", "disconnect", "chain", "signature", "transaction", "decoded_log"]);

export function kindOf({ type }: Happening): Kind {
  if (type === "payment") return "pay";
  if (type === "track") return "goal";
  if (type === "identify") return "who";
  if (type === "outbound") return "link";
  return CHAIN.has(type) ? "chain" : "page";
}

export type Show = "all" | "pages" | "goals" | "wallet";

export function isShown(kind: Kind, show: Show): boolean {
  switch (show) {
    case "all": return true;
    case "pages": return kind === "page" || kind === "link";
    case "goals": return kind === "goal" || kind === "pay";
    case "wallet": return kind === "chain";
  }
}

/** An event, and the first time of the transaction of which it is the newest state. */
export interface Entry {
  event: Happening;
  startedAt: string;
}

/** Of a transaction's states only the newest, at its time. */
export function folded(events: readonly Happening[]): Entry[] {
  const newest = new Map<string, Entry>();
  const out: Entry[] = [];
  for (const event of events) {
    const hash = event.type === "transaction" ? event.transactionHash : null;
    const known = hash ? newest.get(hash) : undefined;
    if (known) {
      known.startedAt = event.timestamp; // the newest come first, so this one is older
      continue;
    }
    const entry = { event, startedAt: event.timestamp };
    if (hash) newest.set(hash, entry);
    out.push(entry);
  }
  return out;
}

export interface Stay {
  /** null: what happened outside of visits, as payments that a server reported. */
  visit: Visit | null;
  /** Oldest first. */
  entries: Entry[];
  /** Seconds since the visit before ended; null for the first one. */
  awayS: number | null;
  /** Which visit it is, from 1. */
  number: number;
}

/** Visits with what happened in them, the newest first. `count`: of all visits, also those not here. */
export function stays(visits: readonly Visit[], events: readonly Happening[], count: number): Stay[] {
  const entries = folded(events);
  const known = new Set(visits.map((visit) => visit.sessionId));
  const found: Stay[] = visits.map((visit, index) => {
    const before = visits[index + 1];
    return {
      visit, number: count - index,
      entries: entries.filter(({ event }) => event.sessionId === visit.sessionId).reverse(),
      awayS: before ? Math.max(0, (Date.parse(visit.startedAt) - Date.parse(before.lastEventAt)) / 1000) : null,
    };
  });
  for (const entry of entries) {
    if (entry.event.sessionId && known.has(entry.event.sessionId)) continue;
    found.push({ visit: null, number: 0, entries: [entry], awayS: null });
  }
  return found.sort((a, b) => startOf(b) - startOf(a));
}

function startOf({ visit, entries }: Stay): number {
  return Date.parse(visit?.startedAt ?? entries[0]!.event.timestamp);
}

export interface StripDay {
  day: string;
  pageviews: number;
  hasPaid: boolean;
}

/** The days up to the newest one with a visit, each with what happened. */
export function strip(visits: readonly Visit[], events: readonly Happening[]): StripDay[] {
  const starts = visits.map(({ startedAt }) => startedAt.slice(0, 10));
  const last = starts[0];
  if (!last) return [];
  const span = Math.min(MAX_DAYS, daysBetween(starts.at(-1)!, last));
  const paid = new Set(events.filter(({ type, amount }) => type === "payment" && (amount ?? 0) > 0).map(({ timestamp }) => timestamp.slice(0, 10)));
  return Array.from({ length: span }, (_, index) => {
    const day = addDays(last, index - span + 1);
    const pageviews = visits.filter(({ startedAt }) => startedAt.startsWith(day)).reduce((sum, visit) => sum + visit.pageviews, 0);
    return { day, pageviews, hasPaid: paid.has(day) };
  });
}
