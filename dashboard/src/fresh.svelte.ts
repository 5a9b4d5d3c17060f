/** Numbers of a period that is not over change: all that a page shows is asked for again, once a minute. */

import { tick } from "svelte";

import { refreshShown } from "./api/load.svelte";
import { session } from "./session.svelte";

const REFRESH_MS = 60_000;

/** For as long as the component that calls this exists, and while the page can be seen. `isOpen`: whether the period is not over. */
export function keepFresh(isOpen: () => boolean): void {
  $effect(() => {
    const timer = setInterval(() => {
      if (document.hidden || !isOpen()) return;
      session.now = Date.now();
      // what asks for something else now does so first
      void tick().then(refreshShown);
    }, REFRESH_MS);
    return () => clearInterval(timer);
  });
}
