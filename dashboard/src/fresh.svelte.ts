/** Numbers of a period that is not over change: all that a page shows is asked for again, once a minute. */

import { tick } from "svelte";

import { refreshShown } from "./api/load.svelte";
import { session } from "./session.svelte";

const REFRESH_MS = 60_000;

/** For as long as the component that calls this exists, and while the page can be seen. `isOpen`: whether the period is not over. */
export function keepFresh(isOpen: () => boolean): void {
  $effect(() => {
    let renewedAt = Date.now();
    const renew = () => {
      if (document.hidden) return;
      // one that ends now has had its last numbers since it was asked for
      const hasChanged = isOpen();
      renewedAt = session.now = Date.now(); // "yesterday" is another day after midnight
      // what asks for something else now does so first
      if (hasChanged) void tick().then(refreshShown);
    };
    const catchUp = () => { if (Date.now() - renewedAt >= REFRESH_MS) renew(); };
    const timer = setInterval(renew, REFRESH_MS);
    document.addEventListener("visibilitychange", catchUp);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", catchUp);
    };
  });
}
