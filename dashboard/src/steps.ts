/** Steps of flows and funnels: as in the URL ("goal:signup"), as the API takes them, as people read them. */

import { control } from "./texts/control";

export type StepKind = "page" | "goal" | "tx" | "sig" | "log" | "wallet" | "event";

export interface Step {
  kind: StepKind;
  /** A path, which may hold * and **, or a name; "" is any of its kind. */
  name: string;
  /** Of a transaction or signature; "" is any. */
  status: string;
}

/** A step as the API's JSON. */
export interface ApiStep {
  type: string;
  event: string;
  resolved_event?: string;
  status_value?: string;
}

export const WALLET_EVENTS: readonly string[] = ["connect", "disconnect", "chain"];
const OTHER_EVENTS: readonly string[] = ["identify", "detect", "outbound", "engagement"];
const ON_CHAIN = { tx: "transaction", sig: "signature" } as const;
export const ANY_PAGE = "page";

/** A step as in the URL: page page:/pricing goal:signup tx:confirmed:swap sig log:Swap wallet:connect event:outbound. */
export function parseStep(text: string): Step | null {
  const [kind = "", ...parts] = text.split(":");
  const name = parts.join(":");
  switch (kind) {
    case "page": return text === "page:" ? null : { kind, name, status: "" };
    case "goal": case "log": return name ? { kind, name, status: "" } : null;
    case "wallet": return WALLET_EVENTS.includes(name) ? { kind, name, status: "" } : null;
    case "event": return OTHER_EVENTS.includes(name) ? { kind, name, status: "" } : null;
    case "tx": case "sig": return { kind, status: parts[0] ?? "", name: parts.slice(1).join(":") };
    default: return null;
  }
}

export function formatStep({ kind, name, status }: Step): string {
  if (kind === "tx" || kind === "sig") return name ? `${kind}:${status}:${name}` : status ? `${kind}:${status}` : kind;
  return name ? `${kind}:${name}` : kind;
}

export function apiStep({ kind, name, status }: Step): ApiStep {
  switch (kind) {
    case "page": return name ? { type: "event", event: "page", resolved_event: name } : { type: "event", event: "page" };
    case "log": return { type: "decoded_log", event: name };
    case "tx": case "sig": {
      const step: ApiStep = { type: ON_CHAIN[kind], event: name || ON_CHAIN[kind] };
      return status ? { ...step, status_value: status } : step;
    }
    default: return { type: "event", event: name };
  }
}

const ALL_PAGES = "__ALL_PAGE_VIEWS__";

/** The step that the API's JSON means; null for one that the URL cannot hold. */
export function stepOfApi({ type, event, resolved_event, status_value }: ApiStep): Step | null {
  const name = resolved_event || event;
  const status = status_value ?? "";
  if (type === "decoded_log") return { kind: "log", name, status: "" };
  if (type === "transaction" || type === "signature") {
    return { kind: type === "transaction" ? "tx" : "sig", name: name === type ? "" : name, status };
  }
  if (event === "page" || name === ALL_PAGES) return { kind: "page", name: name === "page" || name === ALL_PAGES ? "" : name, status: "" };
  if (name === "transaction" || name === "signature") return { kind: name === "transaction" ? "tx" : "sig", name: "", status };
  return parseStep(`${WALLET_EVENTS.includes(name) ? "wallet" : OTHER_EVENTS.includes(name) ? "event" : "goal"}:${name}`);
}

/** As people read it: a path as it is, a goal's name, "any page". */
export function stepName({ kind, name, status }: Step): string {
  if (kind === "page") return name ? name.replace(/\\(.)/gs, "$1") : control("step.anyPage");
  if (kind === "tx" || kind === "sig") return [control(`step.kind.${kind}`).toLowerCase(), status, name].filter(Boolean).join(" ");
  return name;
}

/** The step that matches a node of a flow, by its label. `logs`: names of contract events, which look like goals. */
export function stepOfLabel(label: string, logs: ReadonlySet<string> = new Set()): Step {
  if (label.startsWith("/")) return { kind: "page", name: label.replace(/[\\*]/g, "\\$&"), status: "" };
  const [type, ...rest] = label.split(":");
  if (type === "transaction") return { kind: "tx", name: "", status: rest.join(":") };
  if (type === "signature") return { kind: "sig", name: "", status: rest.join(":") };
  if (WALLET_EVENTS.includes(label)) return { kind: "wallet", name: label, status: "" };
  if (OTHER_EVENTS.includes(label)) return { kind: "event", name: label, status: "" };
  return { kind: logs.has(label) ? "log" : "goal", name: label, status: "" };
}

/** What a person typed: a path, which may hold stars, or the name of a goal. */
export function stepOfText(text: string): Step {
  return parseStep(text) ?? (text.startsWith("/") || text.startsWith("*")
    ? { kind: "page", name: text, status: "" }
    : stepOfLabel(text));
}

/** Colours by kind, as classes. */
export function toneOf(kind: StepKind): "visited" | "goal" | "chain" | "other" {
  if (kind === "page") return "visited";
  return kind === "goal" ? kind : kind === "event" ? "other" : "chain";
}
