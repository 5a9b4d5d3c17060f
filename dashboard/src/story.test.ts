import { describe, expect, it } from "vitest";
import { folded, isShown, kindOf, stays, strip, visitorsRequest, type Happening, type Visit } from "./story";
import { emptyView } from "./state";

let cursors = 0;
const event = (part: Partial<Happening>): Happening => ({
  type: "page", timestamp: "2026-11-10T10:00:00+01:00", sessionId: "a", name: null, url: "shop.example/", title: null, link: null,
  address: null, status: null, transactionHash: null, chainId: null, properties: null, isServerSide: false, amount: null,
  cursor: `c${cursors++}`, ...part,
});
const visit = (sessionId: string, startedAt: string, lastEventAt: string, pageviews = 1) =>
  ({ sessionId, startedAt, lastEventAt, pageviews }) as Visit;

describe("a person's story", () => {
  it("shows of a transaction only its newest state, and when it began", () => {
    const at = (time: string) => `2026-11-10T10:00:${time}+01:00`;
    const events = [
      event({ type: "transaction", status: "confirmed", transactionHash: "0x1", timestamp: at("20") }),
      event({ type: "page", timestamp: at("10") }),
      event({ type: "transaction", status: "started", transactionHash: "0x1", timestamp: at("02") }),
      event({ type: "transaction", status: "started", transactionHash: null, timestamp: at("01") }),
    ];
    expect(folded(events).map(({ event, startedAt }) => [event.status, startedAt])).toEqual([
      ["confirmed", at("02")], [null, at("10")], ["started", at("01")],
    ]);
  });

  it("has visits newest first, their events oldest first, and the time between visits", () => {
    const visits = [
      visit("b", "2026-11-12T08:00:00+01:00", "2026-11-12T08:05:00+01:00"),
      visit("a", "2026-11-10T10:00:00+01:00", "2026-11-10T10:00:30+01:00"),
    ];
    const events = [
      event({ sessionId: null, type: "payment", timestamp: "2026-11-13T00:00:00+01:00", amount: 5 }),
      event({ sessionId: "b", timestamp: "2026-11-12T08:01:00+01:00", name: "second" }),
      event({ sessionId: "b", timestamp: "2026-11-12T08:00:00+01:00", name: "first" }),
      event({ sessionId: "a" }),
    ];
    const found = stays(visits, events, 2);
    expect(found.map((stay) => [stay.visit?.sessionId, stay.number, stay.awayS, stay.entries.map(({ event }) => event.name)])).toEqual([
      [undefined, 0, null, [null]], ["b", 2, 165_570, ["first", "second"]], ["a", 1, null, [null]],
    ]);
  });

  it("has a day for each between the first and the last visit, at most 28", () => {
    const visits = [visit("b", "2026-11-12T23:59:00+01:00", "", 3), visit("a", "2026-11-10T00:00:00+01:00", "", 2)];
    const paid = event({ type: "payment", amount: 4, timestamp: "2026-11-11T10:00:00+01:00" });
    expect(strip(visits, [paid])).toEqual([
      { day: "2026-11-10", pageviews: 2, hasPaid: false }, { day: "2026-11-11", pageviews: 0, hasPaid: true },
      { day: "2026-11-12", pageviews: 3, hasPaid: false },
    ]);
    expect(strip([visits[0]!, visit("a", "2024-01-01T00:00:00+01:00", "")], [])).toHaveLength(28);
    expect(strip([], [])).toEqual([]);
  });

  it("shows each kind of event in one of the selections", () => {
    for (const type of ["page", "outbound", "track", "payment", "detect", "connect", "disconnect", "chain", "signature", "transaction", "decoded_log"] as const) {
      const kind = kindOf(event({ type }));
      expect([isShown(kind, "pages"), isShown(kind, "goals"), isShown(kind, "wallet")].filter(Boolean)).toHaveLength(1);
    }
  });
});

describe("the people behind a flow's number", () => {
  it("are asked for with the flow's own parameters", () => {
    const site = { domain: "shop.example", timezone: "Europe/Berlin" };
    const view = { ...emptyView(), search: "x", sort: "-paid", extra: { sel: ["n1:/b"], cursor: ["c"] } };
    const { path, params } = visitorsRequest({ site, view, nowMs: Date.UTC(2026, 10, 28) });
    expect(path).toBe("/visitors");
    const given = new Map(params);
    expect(given.get("start_step")).toBeDefined();
    expect([given.get("flow_step"), given.get("flow_target")]).toEqual(["1", "/b"]);
    expect([given.get("limit"), given.get("search"), given.get("sort"), given.get("order"), given.get("cursor")]).toEqual(["50", "x", "paid", "asc", "c"]);
    expect(params.filter(([name]) => name === "limit")).toHaveLength(1);
  });
});
