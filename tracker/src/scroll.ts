// Goals that are reached by scrolling to an element: `data-fs-scroll="name"`.

import { sendElementGoal } from "./send";

type Watched = HTMLElement & { _fs?: object };

/** Attributes are text, which the browser reads as the numbers that it needs. */
type Numbers = { fsScrollThreshold: number; fsScrollDelay: number };

let pageView = {}; // another object for each

/** Watch the elements that are new to this page view. */
export const lookForScrollGoals = (): void =>
  document.querySelectorAll<Watched>("[data-fs-scroll]").forEach((element) => {
    if (element._fs == pageView) return;
    const view = (element._fs = pageView);
    const { fsScrollThreshold = 0.5, fsScrollDelay } = element.dataset as unknown as Numbers;
    const threshold = Math.min(1, Math.abs(fsScrollThreshold) || 0.01);
    let delay: number | undefined;
    new IntersectionObserver(
      (entries, observer) => {
        clearTimeout(delay);
        if (entries.pop()!.intersectionRatio >= threshold)
          delay = setTimeout(() => {
            observer.disconnect();
            if (view == pageView) sendElementGoal(element, "data-fs-scroll");
          }, fsScrollDelay);
      },
      { threshold },
    ).observe(element);
  });

/** Start again, as on each page view: every element counts once in it. The next look finds them. */
export const startScrollGoals = (): void => {
  pageView = {};
};
