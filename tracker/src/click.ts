// Clicks: goals, downloads, links that leave the website, and links that carry our ids along.

import { isAllowed, isWithin, touchIds } from "./identity";
import { send, sendElementGoal } from "./send";

const FILE =
  /\.(pdf|docx?|xlsx?|pptx?|txt|csv|zip|rar|7z|t?gz|exe|msi|dmg|pkg|deb|rpm|apk|iso|mp[34]|wav|avi|mov)$/i;

/** Add `name=ids` to the link's query, once and only with cookies. */
const addIds = (link: HTMLAnchorElement, name: string, visitor?: string, more = ""): void => {
  // not by URLSearchParams, which would write the rest of the query anew
  if (visitor && !link.search.includes(name + "="))
    link.search += `${link.search && "&"}${name}=${visitor}${more}`;
};

const follow = (link: HTMLAnchorElement): void => {
  const { hostname } = link;
  const properties = { url: link.href };
  const [visitor, session] = touchIds();
  if (FILE.test(link.pathname)) send("track", { name: "file_download", properties });
  else if (isWithin(hostname)) return;
  else if (isAllowed(hostname)) addIds(link, "_fs_vid", visitor, "&_fs_sid=" + session);
  else {
    send("outbound", { properties });
    if (hostname == "buy.stripe.com") addIds(link, "client_reference_id", visitor);
  }
};

const onClick = (event: MouseEvent): void => {
  if (event.button > 1) return; // neither the first nor the middle one
  // the composed path goes through shadow roots, where closest() would stop
  const path = event.composedPath() as HTMLAnchorElement[];
  const link = path.find(({ protocol }) => /^http/.test(protocol));
  const goal = path.find(({ dataset }) => dataset?.fsGoal);
  if (goal && (link || !event.button)) sendElementGoal(goal, "goal");
  if (link) follow(link);
};

/** Listen before the page does, so that it cannot stop a click from being seen. */
export const startClicks = (): void => {
  document.addEventListener("click", onClick, true);
  document.addEventListener("auxclick", onClick, true);
};
