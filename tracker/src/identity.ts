// Who is visiting: the two cookies, or nothing at all in cookieless mode.

import { parse, toHost } from "./address";
import { isOn, settings } from "./script";

/** The visitor's id, the session's id, and a cookie that only shows which domains take cookies. */
type Cookie = "_fs_vid" | "_fs_sid" | "_fs_d";

const YEAR_S = 365 * 24 * 3600;
const SESSION_S = 30 * 60;

export const host = location.hostname;

/** Whether `hostname` is `domain` or lies below it; without a domain, this website's own. */
export const isWithin = (hostname?: string, domain = site): boolean =>
  ("." + hostname).endsWith("." + domain);

/** Whether `hostname` belongs to another domain of this website: links to it carry our ids. */
export const isAllowed = (hostname: string): boolean | undefined =>
  settings.allowedHostnames
    ?.split(/[\s,]+/)
    .some((domain) => isWithin(hostname, toHost(domain)));

export let isCookieless: boolean;
let site = ""; // the domain whose hosts are this website; the cookies' domain

const read = (name: Cookie): string | undefined =>
  ("; " + document.cookie).match("; " + name + "=([\\w-]+)")?.[1];

/** Set the cookie, to a random UUID if no value is given; returns the value that is then read. */
const write = (
  name: Cookie,
  // crypto.randomUUID needs https; here the UUID is part of an address that nobody uses
  value: string | number = URL.createObjectURL(new Blob()).slice(-36),
  seconds = YEAR_S,
): string | undefined => {
  document.cookie =
    name +
    "=" +
    value +
    ";path=/;max-age=" +
    seconds +
    ";samesite=lax;domain=" +
    site +
    (isSecureContext ? ";secure" : "");
  return read(name);
};

/** The visitor's and the session's id, renewed, or created if missing; none if cookieless. */
export const touchIds = (): { visitorUid?: string; sessionUid?: string } =>
  // spreading `true` adds nothing
  (isCookieless as false) || {
    visitorUid: read("_fs_vid") || write("_fs_vid"),
    sessionUid: write("_fs_sid", read("_fs_sid"), SESSION_S),
  };

/**
 * Decide whether to use cookies, and find the website's domain. Call once, before the rest.
 * Returns the address of the first page view.
 */
export const settleIdentity = (): string => {
  const given = isWithin(host, toHost(settings.domain)) && toHost(settings.domain);
  isCookieless =
    isOn("cookieless") ||
    (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl ||
    (navigator.doNotTrack as unknown as number) > 0 ||
    !(given ? [given] : host.split(".").reverse()).some((label) => {
      site = label + (site && "." + site);
      return write("_fs_d", 1, 9) && !write("_fs_d", 1, 0);
    });
  if (isCookieless)
    // cookies that are not set cannot show which domain it is: guess by the usual second levels
    site = given || host.match(/[^.]+\.((com?|org|net|ac|gov)\.\w\w|[^.\d]+)$/)?.[0] || host;

  // The query that was loaded says where the visitor is from. A script that ran before us may have
  // cleaned it, and we take over and clean the ids that a link from another of our hosts carries.
  // Only the entry of the page itself has a type; Safari before 15 has no such entry.
  const { search } = parse(
    performance.getEntries().find((entry) => (entry as PerformanceNavigationTiming).type)?.name,
  );
  const cleaned = search.replace(
    /._fs_vid=([\w-]+)&_fs_sid=([\w-]+)/, // "." is "?" or "&"
    (_, visitor: string, session: string) => {
      // a link that somebody copied and passed on must not make two people one
      if (!isCookieless && document.referrer && isAllowed(parse(document.referrer).hostname)) {
        write("_fs_vid", visitor);
        write("_fs_sid", session); // the first event shortens its life
      }
      return "";
    },
  );
  const landing = parse();
  landing.search = cleaned;
  if (cleaned != search)
    history.replaceState(history.state, "", landing as unknown as string);
  return landing.href;
};
