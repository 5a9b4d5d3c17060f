/** The address: which page it names, and the view in its query. */

import { formatView, parseView, type View } from "./state";

/** Pages by the first parts of their paths. Each is loaded when it is opened. */
export const REPORTS = ["", "flow", "funnels", "retention", "visitors", "live"] as const;

export interface Route {
  /** "websites", "report", "signin", … ; "" is a page that does not exist. */
  name: string;
  site: string;
  report: string;
  /** What follows the report: the id of a funnel or visitor, a section of settings. */
  rest: string;
}

/** A share link that is open: its pages are reports of this website. */
export interface SharedPlace {
  slug: string;
  site: string;
}

export function routeOf(path: string, shared: SharedPlace | null = null): Route {
  const parts = path.split("/").slice(1).map(decode);
  const [first = "", site = "", report = "", ...more] = parts;
  const none = { name: "", site: "", report: "", rest: "" };
  if (path === "/") return { ...none, name: "websites" };
  if (first === "w" && site) return { name: "report", site, report, rest: more.join("/") };
  if (first === "share" && shared?.slug === site) return { name: "report", site: shared.site, report, rest: more.join("/") };
  if (["setup", "signin", "account", "audit", "members", "invite", "share"].includes(first)) {
    return { ...none, name: first, rest: [site, report, ...more].filter(Boolean).join("/") };
  }
  return none;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a website's report. */
export function reportPath(site: string, report = "", rest = ""): string {
  const start = place.shared?.site === site ? `/share/${place.shared.slug}` : `/w/${encodeURIComponent(site)}`;
  return [start, report, rest].filter(Boolean).join("/");
}

/** Pages that anybody may open. */
export function isOpenPage(name: string): boolean {
  return ["signin", "setup", "invite", "share"].includes(name);
}

/** The address of the sign-in; afterwards it leads to `next`. */
export function signInPath(next: string): string {
  return `/signin${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`;
}

/** Where the sign-in leads: to a page of ours and nowhere else. */
export function nextOf(query: string): string {
  const given = new URLSearchParams(query).get("next") ?? "/";
  const url = URL.canParse(given, location.origin) ? new URL(given, location.origin) : null;
  if (!url || url.origin !== location.origin) return "/";
  const { name } = routeOf(url.pathname);
  return name && name !== "signin" ? url.pathname + url.search : "/";
}

class Place {
  path = $state(location.pathname);
  query = $state(location.search);
  shared = $state.raw<SharedPlace | null>(null);
  route = $derived(routeOf(this.path, this.shared));
  parsed = $derived(parseView(this.query));
  view = $derived(this.parsed.view);

  constructor() {
    addEventListener("popstate", () => this.read());
  }

  /** Open an address of ours. `replaces`: without a step for the back button. */
  open(href: string, replaces = false): void {
    const url = new URL(href, location.href);
    const isSame = url.pathname === location.pathname && url.search === location.search;
    if (!isSame || url.hash) history[replaces || isSame ? "replaceState" : "pushState"](null, "", url);
    const isOther = url.pathname !== this.path;
    this.read();
    if (isOther) scrollTo(0, 0);
  }

  /** Change the view. A change of what is counted is a step back; one of how it is shown is not. */
  change(part: Partial<View>, step: "push" | "replace" = "push"): void {
    this.open(this.path + formatView({ ...this.view, ...part }), step === "replace");
  }

  /** A secret of the address's fragment, as in `#code=…`. It is removed, so that it is not kept in the history. */
  takeSecret(name: string): string {
    const found = new URLSearchParams(location.hash.slice(1)).get(name) ?? "";
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    return found;
  }

  private read(): void {
    // a share link has its own token, which nothing else may use
    if (this.shared && !location.pathname.startsWith(`/share/${this.shared.slug}`)) return location.reload();
    this.path = location.pathname;
    this.query = location.search;
  }
}

export const place = new Place();

/** Follows clicks on links to our own pages without loading the page again. */
export function followLinks(event: MouseEvent): void {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!isPlain || event.defaultPrevented || !(link instanceof HTMLAnchorElement)) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (!routeOf(link.pathname).name) return;
  event.preventDefault();
  place.open(link.href);
}
