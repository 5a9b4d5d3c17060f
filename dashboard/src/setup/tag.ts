/** The tag that a website's pages carry, for the ways in which people add it. Pure. */

export const KINDS = ["html", "wordpress", "next", "shopify", "gtm", "astro", "none"] as const;
export type Kind = (typeof KINDS)[number];

export interface TagOptions {
  trackingId: string;
  domain: string;
  /** Origin of the server that records. */
  origin: string;
  hasCookies: boolean;
  hasHash: boolean;
  countsLocal: boolean;
}

/** Hosts from which the tracker sends nothing, unless its tag has data-local: as in the tracker's gate.ts. */
export const isLocal = (host: string): boolean => /^127[.\d]+$|::1]|(^|\.)local(host)?$/.test(host);

/** Where a website is probably found: on one's own computer, pages seldom have TLS. */
export const addressOf = (domain: string): string => `${isLocal(domain) ? "http" : "https"}://${domain}/`;

/** The attributes beside `defer`, by name; "" has no value. */
function attributes({ trackingId, origin, hasCookies, hasHash, countsLocal }: TagOptions): [string, string][] {
  const given: [string, string][] = [["data-fl-website-id", trackingId]];
  if (!hasCookies) given.push(["data-cookieless", ""]);
  if (hasHash) given.push(["data-hash", ""]);
  if (countsLocal) given.push(["data-local", ""]);
  return [...given, ["src", `${origin}/js/main.js`]];
}

/** What to paste. Ids and origins have no quotes in them. */
export function tagText(kind: Kind, options: TagOptions): string {
  const all = attributes(options);
  const written = all.map(([name, value]) => (value ? `${name}="${value}"` : name));
  const last = written.pop()!;
  const html = `<script defer ${written.join(" ")}\n        ${last}></script>`;
  if (kind === "next") {
    const jsx = all.map(([name, value]) => (value ? `${name}="${value}"` : `${name}=""`));
    return `import Script from "next/script";\n\n<Script strategy="afterInteractive" ${jsx.slice(0, -1).join(" ")}\n        ${jsx.at(-1)} />`;
  }
  if (kind === "wordpress") {
    return `add_action("wp_head", function () { ?>\n  ${html.replace("\n", "\n  ")}\n<?php });`;
  }
  if (kind === "gtm") {
    // Tag Manager drops attributes that it does not know
    const lines = all.map(([name, value]) => (name === "src" ? `  s.src = "${value}";` : `  s.setAttribute("${name}", "${value}");`));
    return `<script>\n(function (d) {\n  var s = d.createElement("script");\n${lines.join("\n")}\n  d.head.appendChild(s);\n})(document);\n</script>`;
  }
  if (kind === "none") {
    const page = encodeURIComponent(addressOf(options.domain));
    return `<img alt="" width="1" height="1" referrerpolicy="no-referrer"\n     src="${options.origin}/events?websiteId=${options.trackingId}&amp;url=${page}">`;
  }
  return html;
}

export interface Piece {
  text: string;
  kind: "plain" | "quiet" | "name" | "value";
}

/** A text in pieces for colouring: values in quotes, names of attributes, angle brackets. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  const pattern = /("[^"\n]*")|([a-z-]+(?==")|\b(?:defer|data-[a-z]+)\b)|(<\/?|\/?>)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), kind: "plain" });
    found.push({ text: match[0], kind: match[1] ? "value" : match[2] ? "name" : "quiet" });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), kind: "plain" });
  return found;
}

/** The host in what somebody types or pastes for a website: an address, a path behind it, capitals. */
export function hostIn(text: string): string {
  const plain = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? plain : `http://${plain}`;
  return URL.canParse(address) ? new URL(address).hostname || plain : plain;
}

/** The currency where a time zone is, if it is plain; else US dollars. */
export function currencyOf(timezone: string, language: string): string {
  const region = new Intl.Locale(language).maximize().region ?? "";
  const known: Record<string, string> = {
    US: "USD", GB: "GBP", CH: "CHF", CA: "CAD", AU: "AUD", NZ: "NZD", JP: "JPY", CN: "CNY", IN: "INR", BR: "BRL",
    SE: "SEK", NO: "NOK", DK: "DKK", PL: "PLN", CZ: "CZK", HU: "HUF", RO: "RON", TR: "TRY", MX: "MXN", KR: "KRW", ZA: "ZAR",
  };
  const zones: Record<string, string> = { "Europe/London": "GBP", "Europe/Zurich": "CHF", "Europe/Stockholm": "SEK", "Europe/Oslo": "NOK", "Europe/Copenhagen": "DKK", "Europe/Warsaw": "PLN", "Europe/Prague": "CZK", "Europe/Budapest": "HUF", "Europe/Istanbul": "TRY" };
  if (zones[timezone]) return zones[timezone];
  const euro = ["AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT", "SI", "SK"];
  const euroZones = ["Amsterdam", "Athens", "Berlin", "Bratislava", "Brussels", "Dublin", "Helsinki", "Lisbon", "Ljubljana", "Luxembourg", "Madrid", "Malta", "Paris", "Riga", "Rome", "Tallinn", "Vienna", "Vilnius", "Zagreb"];
  if (euroZones.some((city) => timezone === `Europe/${city}`)) return "EUR";
  if (timezone.startsWith("America/") && region !== "US") return known[region] ?? "USD";
  if (timezone.startsWith("America/") || timezone === "UTC" || !timezone) return euro.includes(region) ? "EUR" : "USD";
  return euro.includes(region) ? "EUR" : known[region] ?? "USD";
}
