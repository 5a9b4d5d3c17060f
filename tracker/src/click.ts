// Clicks: goals, downloads, links that leave the website, and links that carry our ids along.

import { parse } from "./address";
import { isAllowed, isWithin, touchIds } from "./identity";
import { listen } from "./listen";
import { send, sendGoal, sendElementGoal } from "./send";

const FILE =
  /\.(t?[7bgx]z2?|zst|rpm|pdf|rtf|m[4kps]e?\w|mov|zip|txt|csv|exe|iso|[rt]ar|dmg|epub|key|deb|od.|apk|pkg|(doc|xls|pp[st])\w?|avi|w[am].)$/i;

/** Links are of HTML or of SVG, where `href` is an object. */
type Link = Element & { href: string & { baseVal?: string }; search?: string };

export const startClicks = (): void =>
  listen("click auxclick", (event) => {
    if ((event as MouseEvent).button > 1) return; // neither the first nor the middle one
    // the composed path goes through shadow roots, where closest() would stop
    const find = (selector: string): Link | undefined =>
      (event.composedPath() as Link[]).find((element) => element.matches?.(selector));
    const link = find("a,area");
    const goal = find("[data-fs-goal]");
    if (goal) sendElementGoal(goal, "data-fs-goal");
    if (link) {
      const url = parse(link.href.baseVal || (link as unknown as string)); // as text, its address
      const hostname = url.hostname;
      const isWeb = hostname && /^http/.test(url.href); // invalid addresses have no host
      const fileName = link.getAttribute("download");
      const { visitorUid, sessionUid } = touchIds();
      const facts = { url: isWeb ? url.href : fileName };
      let ids = "";
      if (fileName != null || (isWeb && FILE.test(url.pathname)))
        // what a page made itself (blob: or data:) has no useful address
        sendGoal("file_download", facts);
      else if (isWeb && !isWithin(hostname)) {
        if (isAllowed(hostname)) ids = `_fs_vid=${visitorUid}&_fs_sid=${sessionUid}`;
        else {
          send("outbound", { properties: facts });
          if (hostname == "buy.stripe.com") ids = `client_reference_id=${visitorUid}`;
        }
        // once, and not by URLSearchParams, which would write the rest of the query differently
        if (visitorUid && !link.search?.includes(ids.slice(0, 7)))
          link.search += (link.search && "&") + ids;
      }
    }
  });
