import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withExtra } from "./extra";
import { place, MIN_SLOT, order } from "./charts/sankey";
import {
  columnSums, flowRequest, flowSettings, graphOf, imbalances, litLinks, selected,
  type FlowAnswer, type FlowRow, type FlowSettings,
} from "./flow";
import { emptyView, formatView, parseView } from "./state";

const LABELS = ["/", "/pricing", "/signup", "signup", "/docs/**", "Ünïcode <b>", "connect"];
const END = "goal";

interface Options {
  steps: number;
  rows: number;
  hasEnd: boolean;
  isOnly: boolean;
  isBackward: boolean;
}

/** What the API answers for these paths, worked out path by path from docs/flows.md. Each path begins at its start. */
function answer(paths: string[][], { steps, rows, hasEnd, isOnly, isBackward }: Options): FlowAnswer {
  const cut = paths.map((path) => {
    const at = hasEnd ? path.indexOf(END, 1) : -1;
    return at < 0 ? { nodes: path, reaches: false } : { nodes: [...path.slice(0, at), `${END}__END_MATCH__`], reaches: true };
  }).filter(({ reaches }) => !isOnly || !hasEnd || reaches);
  const sizes = Array.from({ length: steps + 1 }, () => new Map<string, number>());
  for (const { nodes } of cut) nodes.slice(0, steps + 1).forEach((label, at) => sizes[at]!.set(label, (sizes[at]!.get(label) ?? 0) + 1));
  const shown = sizes.map((column) => new Set([...column].filter(([label]) => !label.endsWith("MATCH__")).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, rows).map(([label]) => label)));
  const name = (label: string, at: number) => (shown[at]!.has(label) || label.endsWith("MATCH__") ? label : "Others");
  const counted = new Map<string, FlowRow>();
  const add = (step: number, near: string, far: string) => {
    const [source, target] = isBackward ? [far, near] : [near, far];
    const key = JSON.stringify([step, source, target]);
    const row = counted.get(key) ?? { step, source, target, transitions: 0, percentage: 0, revenue: 0 };
    counted.set(key, { ...row, transitions: row.transitions + 1, revenue: row.revenue! + 0.1 });
  };
  for (const { nodes } of cut) {
    for (let step = 1; step <= steps && step < nodes.length; step++) add(step, name(nodes[step - 1]!, step - 1), name(nodes[step]!, step));
    const last = nodes.at(-1)!;
    if (nodes.length <= steps && !last.endsWith("MATCH__")) add(nodes.length, name(last, nodes.length - 1), "__DROP_OFF__");
  }
  const reached = cut.filter(({ reaches }) => reaches);
  return {
    data: [...counted.values()],
    pagination: { total: counted.size },
    totals: {
      started: paths.length, paths: cut.length, revenue: 0, currency: "USD",
      reached_end: hasEnd ? reached.length : null, reached_end_revenue: hasEnd ? 0 : null,
      beyond_max_steps: hasEnd ? reached.filter(({ nodes }) => nodes.length > steps + 1).length : null, beyond_max_steps_revenue: null,
    },
  };
}

const flows = fc.record({
  paths: fc.array(fc.array(fc.constantFrom(...LABELS, END), { minLength: 0, maxLength: 7 }).map((rest) => ["/start", ...rest]), { minLength: 1, maxLength: 60 }),
  options: fc.record({ steps: fc.integer({ min: 2, max: 5 }), rows: fc.integer({ min: 1, max: 6 }), hasEnd: fc.boolean(), isOnly: fc.boolean(), isBackward: fc.boolean() }),
});

function settingsOf({ isBackward }: Options): FlowSettings {
  return { ...flowSettings(emptyView()), isBackward };
}

describe("the columns of a flow", () => {
  test("add up in 200 generated flows, and every session is somewhere", () => {
    fc.assert(fc.property(flows, ({ paths, options }) => {
      const given = answer(paths, options);
      const graph = graphOf(given.data, options.isBackward);
      expect(imbalances(graph, given, settingsOf(options))).toEqual([]);
      if (!given.data.length) return;
      const sums = columnSums(graph);
      const last = sums.at(-1)!;
      const gone = sums.reduce((total, { left, atEnd }) => total + left + atEnd, 0);
      expect(gone + last.wentOn).toBe(given.totals!.paths);
    }), { numRuns: 200 });
  });

  test("a session that is lost is noticed", () => {
    fc.assert(fc.property(flows, ({ paths, options }) => {
      const given = answer(paths, options);
      const at = given.data.findIndex(({ transitions }) => transitions > 0);
      fc.pre(at >= 0);
      given.data[at] = { ...given.data[at]!, transitions: given.data[at]!.transitions - 1 };
      expect(imbalances(graphOf(given.data, options.isBackward), given, settingsOf(options))).not.toEqual([]);
    }));
  });

  test("rows that were cut off are noticed", () => {
    const given = answer([["/start", "/"], ["/start"]], { steps: 2, rows: 4, hasEnd: false, isOnly: false, isBackward: false });
    const cut = { ...given, pagination: { total: given.data.length + 1 } };
    expect(imbalances(graphOf(cut.data, false), cut, flowSettings(emptyView()))).toEqual([{ where: "rows", is: 3, expected: 4 }]);
  });

  test("money has no noise of binary fractions", () => {
    const given = answer(Array.from({ length: 3 }, () => ["/start", "/"]), { steps: 2, rows: 4, hasEnd: false, isOnly: false, isBackward: false });
    expect(graphOf(given.data, false).columns[0]![0]!.revenue).toBe(0.3);
  });
});

describe("the picture", () => {
  test("has Others second to last and those who left last, and labels never touch", () => {
    fc.assert(fc.property(flows, fc.integer({ min: 200, max: 1_400 }), ({ paths, options }, width) => {
      const { data } = answer(paths, options);
      fc.pre(data.length > 0);
      const graph = graphOf(data, options.isBackward);
      const placed = place(graph, { width, barHeight: 430, isMirrored: options.isBackward });
      for (const column of order(graph)) {
        const kinds = column.map(({ kind }) => ({ step: 0, others: 1, left: 2 })[kind]);
        expect(kinds).toEqual([...kinds].sort());
      }
      for (const x of placed.columns) {
        const column = placed.nodes.filter((each) => each.x === x).sort((a, b) => a.y - b.y);
        column.slice(1).forEach((each, at) => {
          expect(each.y - column[at]!.y).toBeGreaterThanOrEqual(MIN_SLOT);
          expect(each.y).toBeGreaterThan(column[at]!.y + column[at]!.height);
        });
        for (const { y, height } of column) expect(y + height).toBeLessThanOrEqual(placed.height);
      }
      const start = placed.columns[0]!;
      expect(start).toBe(options.isBackward ? Math.max(...placed.columns) : 0);
      for (const { path } of placed.links) expect(path).toMatch(/^M[\d.C LZ-]+Z$/);
    }), { numRuns: 100 });
  });
});

describe("what the URL says", () => {
  const view = parseView("?start=page:/pricing&end=goal:checkout&through=tx:confirmed:swap&x=page:/login&x=wallet:connect&n=6&rows=9&w=3600&merge=1&left=0&dir=backward&mode=only").view;
  const context = { site: { domain: "a.example", timezone: "UTC" }, view, nowMs: Date.UTC(2026, 10, 28) };

  test("becomes the API's parameters", () => {
    const params = Object.fromEntries(flowRequest(context).params);
    expect(params).toMatchObject({
      domain: "a.example", start_step: '{"type":"event","event":"page","resolved_event":"/pricing"}',
      end_step: '{"type":"event","event":"checkout"}', end_mode: "only", direction: "backward",
      anchors: '[{"type":"transaction","event":"swap","status_value":"confirmed"}]',
      exclude: '[{"type":"event","event":"page","resolved_event":"/login"},{"type":"event","event":"connect"}]',
      max_steps: "6", nodes_per_step: "9", window_seconds: "3600", collapse_repeats: "true", revenue: "true",
    });
    expect(params).not.toHaveProperty("drop_off");
  });

  test("is not longer than it must be: what is usual is not written", () => {
    const extra = withExtra(view.extra, { start: "", end: "", through: [], x: [], n: "4", rows: "4", w: "1209600", merge: "", left: "", dir: "", mode: "" });
    expect(formatView({ ...view, extra })).toBe("");
  });

  test("selects nodes and links by what is in them", () => {
    const { data } = answer([["/start", "Ünïcode <b>", "/"]], { steps: 3, rows: 4, hasEnd: false, isOnly: false, isBackward: false });
    const graph = graphOf(data, false);
    for (const link of graph.links) {
      const found = selected(graph, parseView(formatView({ ...emptyView(), extra: { sel: [`l${link.id}`] } })).view.extra.sel![0]!);
      expect(found.link).toBe(link);
      expect(litLinks(found)).toEqual(new Set([link.id]));
    }
    expect(selected(graph, "n9:/nowhere")).toEqual({ node: null, link: null });
    expect(litLinks(selected(graph, "n1:Ünïcode <b>"))!.size).toBe(2);
  });
});
