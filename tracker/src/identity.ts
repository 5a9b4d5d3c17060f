// Who is visiting: the two cookies, or nothing at all in cookieless mode.

import { allowedHosts, attributes, isOn } from "./script";

const VISITOR = "_fs_vid";
const SESSION = "_fs_sid";
const PROBE = "_fs_d";
const YEAR_S = 365 * 24 * 3600;
const SESSION_S = 30 * 60;

const host = location.hostname;

/** Whether `hostname` is `domain` or lies below it; without a domain, this website's own. */
export const isWithin = (hostname?: string, domain = site): boolean =>
  ("." + hostname).endsWith("." + domain);

/** Whether `hostname` belongs to another domain of this website. */
export const isAllowed = (hostname: string | undefined): boolean =>
  allowedHosts.some((domain) => isWithin(hostname, domain));

export let isCookieless = false;
let site: string; // the domain whose hosts are this website; the cookies' domain

const read = (name: string): string | undefined =>
  document.cookie.match(`(^|; )${name}=([\\w-]+)`)?.[2];

const write = (name: string, value: string | number, seconds: number): void => {
  document.cookie =
    `${name}=${value};path=/;max-age=${seconds};samesite=lax;domain=${site}` +
    (location.protocol > "http:" ? ";secure" : "");
};

const acceptsCookies = (domain: string): boolean => {
  site = domain;
  write(PROBE, 1, 9);
  const isKept = !!read(PROBE);
  write(PROBE, "", 0);
  return isKept;
};

/** A random UUID, as part of an address that nobody uses: crypto.randomUUID needs https. */
const uuid = (): string => URL.createObjectURL(new Blob()).slice(-36);

/** The visitor's and the session's id, kept alive and made where missing; none if cookieless. */
export const touchIds = (): [visitor?: string, session?: string] => {
  if (isCookieless) return [];
  if (!read(VISITOR)) write(VISITOR, uuid(), YEAR_S);
  write(SESSION, read(SESSION) || uuid(), SESSION_S);
  return [read(VISITOR), read(SESSION)];
};

/** Take over ids that a link from another of our hosts carries, and clean them off the address. */
const adopt = (): void => {
  const found = location.search.match(/[?&]_fs_vid=([\w-]+)&_fs_sid=([\w-]+)/);
  if (!found) return;
  const search = location.search.replace(found[0]!, "").replace(/^&/, "?");
  history.replaceState(history.state, "", location.pathname + search + location.hash);
  // a link that somebody copied and passed on must not make two people one
  if (!isCookieless && isAllowed(document.referrer.split(/[/:]+/)[1])) {
    write(VISITOR, found[1]!, YEAR_S);
    write(SESSION, found[2]!, SESSION_S);
  }
};

/** Settle between cookies and none, and find the website's domain. Call once, before the rest. */
export const settleIdentity = (): void => {
  const given = attributes.domain?.replace(/^www\./, "");
  const labels = host.split(".");
  const domains = isWithin(host, given)
    ? [given!]
    : labels.map((_, index) => labels.slice(~index).join("."));
  isCookieless = !!(
    isOn("cookieless") ||
    (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl ||
    navigator.doNotTrack == "1" ||
    !domains.some(acceptsCookies)
  );
  if (isCookieless)
    // no cookie may tell the domain: guess by the usual second levels
    site = domains[1]
      ? host.match(/[^.]+\.((com?|org|net|ac|gov)\.\w\w|[^.\d]+)$/)?.[0] || host
      : domains[0]!;
  adopt();
};
