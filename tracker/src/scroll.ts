// Goals that are reached by scrolling to an element: `data-fs-scroll="name"`.

import { sendElementGoal } from "./send";

let watched = new Set<Element>(); // on this page view

const watch = (element: HTMLElement): void => {
  if (watched.has(element)) return;
  watched.add(element);
  const pageView = watched;
  const { fsScrollThreshold = 0.5, fsScrollDelay } = element.dataset;
  const threshold = Math.min(1, Math.abs(+fsScrollThreshold) || 0.01);
  let delay = 0;
  const observer = new IntersectionObserver(
    (entries) => {
      clearTimeout(delay);
      if (entries.pop()!.intersectionRatio >= threshold)
        delay = setTimeout(() => {
          observer.disconnect();
          if (pageView == watched) sendElementGoal(element, "scroll");
        }, +fsScrollDelay!);
    },
    { threshold },
  );
  observer.observe(element);
};

const look = (): void => {
  document.querySelectorAll<HTMLElement>("[data-fs-scroll]").forEach(watch);
};

/** Begin anew, as on each page view: every element counts once in it. */
export const watchScrollGoals = (): void => {
  watched = new Set();
  look();
};

/** Look out for elements that come late. */
export const startScrollGoals = (): void =>
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
