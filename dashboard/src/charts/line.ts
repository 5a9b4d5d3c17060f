/** People above and money below on one time axis. Arrays in, canvas out; it asks the API for nothing. */

import uPlot from "uplot";
import "./line.css";

export interface LineData {
  /** One per bucket. */
  values: number[];
  /** The other period's bucket for each bucket; [] without a comparison. */
  before: (number | null)[];
  newMoney: number[];
  renewals: number[];
  refunds: number[];
  /** Buckets on a weekend. */
  weekends: boolean[];
  /** Buckets that are not over yet: their line is dashed. */
  partial: boolean[];
  /** Buckets that have not begun: they have no line. */
  future: boolean[];
  labels: string[];
}

export interface LineOptions {
  width: number;
  height: number;
  hasMoney: boolean;
  /** A token's name, as "--people". */
  colour: string;
  /** Of the line that is compared with. */
  otherColour: string;
  valueText: (value: number) => string;
  moneyText: (value: number) => string;
  onhover: (index: number | null, left: number) => void;
  onchoose: (first: number, last: number) => void;
}

/** Shares of the plot's height: the people's band ends, the money's band begins. */
const PEOPLE_ENDS = 0.68;
const MONEY_BEGINS = 0.74;
const FONT = '11px Inter, system-ui, sans-serif';
const AXIS_WIDTH = 46;
const PADDING = 8;

/** Where the middle of a bucket is, in pixels from the left. */
export function middleOf(index: number, buckets: number, width: number): number {
  return AXIS_WIDTH + ((width - AXIS_WIDTH - PADDING) * (index + 0.5)) / Math.max(1, buckets);
}

export class LineChart {
  private plot: uPlot | null = null;
  private readonly colours: Record<string, string> = {};

  constructor(private readonly target: HTMLElement, private data: LineData, private options: LineOptions) {
    this.draw();
  }

  update(data: LineData, options: LineOptions): void {
    this.data = data;
    this.options = options;
    this.draw();
  }

  resize(width: number, height: number): void {
    this.options = { ...this.options, width, height };
    this.plot?.setSize({ width, height });
  }

  /** Move the cursor to a bucket, as the mouse would. */
  focus(index: number | null): void {
    const { plot } = this;
    if (!plot) return;
    if (index === null) plot.setCursor({ left: -10, top: -10 });
    else plot.setCursor({ left: plot.valToPos(index, "x"), top: plot.bbox.height / devicePixelRatio / 3 });
  }

  /** The canvas, for a picture of it. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private draw(): void {
    this.destroy();
    const style = getComputedStyle(document.documentElement);
    for (const name of ["--people", "--money", "--money-2", "--down", "--line", "--line-2", "--text-3", "--surface", "--surface-2", this.options.colour, this.options.otherColour]) {
      this.colours[name] = style.getPropertyValue(name).trim();
    }
    const { values, before, partial, future } = this.data;
    const isOver = values.map((_, index) => !partial[index]);
    const solid = values.map((value, index) => (isOver[index] ? value : null));
    // from the last bucket that is over
    const dashed = values.map((value, index) => (!future[index] && (!isOver[index] || (!isOver[index + 1] && index + 1 < values.length)) ? value : null));
    const xs = values.map((_, index) => index);
    this.plot = new uPlot(this.settings(), [xs, before.length ? before : xs.map(() => null), solid, dashed], this.target);
  }

  private settings(): uPlot.Options {
    const { width, height, hasMoney } = this.options;
    const { values, before } = this.data;
    const colour = this.colours[this.options.colour]!;
    const top = niceTop(Math.max(0, ...values, ...before.map((value) => value ?? 0)));
    const share = hasMoney ? PEOPLE_ENDS : 1;
    const line = (dash?: number[]): uPlot.Series => ({ stroke: colour, width: 2, points: { show: values.length === 1, size: 6, fill: colour }, ...(dash ? { dash } : {}) });
    return {
      width, height,
      padding: [PADDING, PADDING, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: 6 }, points: { size: 9, width: 2, stroke: () => this.colours["--surface"]!, fill: (_, at) => (at === 1 ? this.colours[this.options.otherColour]! : colour) } },
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(0.5, values.length - 0.5)] },
        // the band's own part of the height; what lies below is the money's
        y: { range: () => [top - top / share, top] },
      },
      axes: [
        { font: FONT, stroke: this.colours["--text-3"]!, grid: { show: false }, ticks: { show: false }, size: 26, gap: 8, splits: () => this.labelled(), values: (_, at) => at.map((index) => this.data.labels[index] ?? "") },
        {
          font: FONT, stroke: this.colours["--text-3"]!, size: AXIS_WIDTH, gap: 6, ticks: { show: false }, grid: { stroke: this.colours["--line"]!, width: 1 },
          splits: () => [0, top / 2, top].slice(0, top > 0 ? 3 : 1), values: (_, at) => at.map((value) => this.options.valueText(value)),
        },
      ],
      series: [
        {},
        { stroke: this.colours[this.options.otherColour]!, width: 1.5, dash: [3, 4], points: { show: false } },
        { ...line(), fill: (plot) => this.gradient(plot, colour) },
        line([4, 4]),
      ],
      hooks: {
        drawClear: [(plot) => this.drawWeekends(plot)],
        draw: [(plot) => hasMoney && this.drawMoney(plot)],
        setCursor: [(plot) => this.options.onhover(plot.cursor.idx ?? null, plot.cursor.left ?? 0)],
        setSelect: [(plot) => this.select(plot)],
        ready: [(plot) => this.listen(plot)],
      },
    };
  }

  /** Buckets whose label has room. */
  private labelled(): number[] {
    const { labels } = this.data;
    const room = Math.max(1, Math.floor((this.options.width - AXIS_WIDTH) / 84));
    const step = Math.max(1, Math.ceil(labels.length / room));
    return labels.map((_, index) => index).filter((index) => index % step === 0);
  }

  private gradient(plot: uPlot, colour: string): CanvasGradient | string {
    const { top, height } = plot.bbox;
    if (!Number.isFinite(top) || !Number.isFinite(height)) return "transparent";
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height * (this.options.hasMoney ? PEOPLE_ENDS : 1));
    gradient.addColorStop(0, `color-mix(in srgb, ${colour} 18%, transparent)`);
    gradient.addColorStop(1, `color-mix(in srgb, ${colour} 2%, transparent)`);
    return gradient;
  }

  private bucket(plot: uPlot, index: number, share: number): { x: number; width: number } {
    const left = plot.valToPos(index - share / 2, "x", true);
    return { x: left, width: plot.valToPos(index + share / 2, "x", true) - left };
  }

  private drawWeekends(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = this.colours["--surface-2"]!;
    this.data.weekends.forEach((isWeekend, index) => {
      if (!isWeekend) return;
      const { x, width } = this.bucket(plot, index, 1);
      ctx.fillRect(x, bbox.top, width, bbox.height);
    });
    ctx.restore();
  }

  private drawMoney(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const { newMoney, renewals, refunds } = this.data;
    const most = niceTop(Math.max(...newMoney.map((value, index) => value + renewals[index]!), 0));
    const least = Math.max(...refunds, 0);
    const begins = bbox.top + bbox.height * MONEY_BEGINS;
    const ends = bbox.top + bbox.height;
    const scale = (ends - begins) / (most + least || 1);
    const zero = ends - least * scale;
    const pixel = devicePixelRatio;
    ctx.save();
    ctx.setLineDash([]);
    ctx.font = FONT.replace("11px", `${11 * pixel}px`);
    ctx.fillStyle = this.colours["--text-3"]!;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillText(this.options.moneyText(most), bbox.left - 6 * pixel, begins);
    ctx.fillText("0", bbox.left - 6 * pixel, zero);
    newMoney.forEach((value, index) => {
      const { x, width } = this.bucket(plot, index, 0.5);
      const renewed = renewals[index]! * scale;
      ctx.fillStyle = this.colours["--money-2"]!;
      ctx.fillRect(x, zero - renewed, width, renewed);
      if (renewed > 0) this.frame(ctx, "--money", x, zero - renewed, width, renewed, pixel * 0.75);
      ctx.fillStyle = this.colours["--money"]!;
      ctx.fillRect(x, zero - renewed - value * scale, width, value * scale);
      if (refunds[index]! > 0) this.frame(ctx, "--down", x, zero + 1.5 * pixel, width, Math.max(pixel, refunds[index]! * scale), pixel);
    });
    ctx.strokeStyle = this.colours["--line-2"]!;
    ctx.lineWidth = pixel;
    ctx.beginPath();
    ctx.moveTo(bbox.left, Math.round(zero) + 0.5);
    ctx.lineTo(bbox.left + bbox.width, Math.round(zero) + 0.5);
    ctx.stroke();
    ctx.restore();
  }

  private frame(ctx: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number, height: number, line: number): void {
    ctx.strokeStyle = this.colours[colour]!;
    ctx.lineWidth = line;
    ctx.strokeRect(x + line / 2, y, Math.max(0, width - line), height);
  }

  private select(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 6) return;
    const at = (position: number) => Math.min(this.data.values.length - 1, Math.max(0, Math.round(plot.posToVal(position, "x"))));
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.options.onchoose(at(left), at(left + width));
  }

  private listen(plot: uPlot): void {
    let downAt = 0;
    plot.over.addEventListener("pointerdown", (event) => (downAt = event.clientX));
    plot.over.addEventListener("click", (event) => {
      const { idx } = plot.cursor;
      if (typeof idx === "number" && Math.abs(event.clientX - downAt) < 6) this.options.onchoose(idx, idx);
    });
    plot.over.addEventListener("pointerleave", () => this.options.onhover(null, 0));
  }
}

/** A round number that is not below `value`, and whose half is round, too. */
export function niceTop(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value * 0.999_999) ?? 10;
  return step * power;
}
