/** For what floats over the page: menus and popovers. */

/** Call `close` on a click or focus anywhere else. */
export function closeWhenOutside(node: HTMLElement, close: () => void) {
  let current = close;
  const onoutside = (event: Event) => {
    if (event.target instanceof Node && !node.contains(event.target)) current();
  };
  document.addEventListener("pointerdown", onoutside);
  document.addEventListener("focusin", onoutside);
  return {
    update: (next: () => void) => (current = next),
    destroy: () => {
      document.removeEventListener("pointerdown", onoutside);
      document.removeEventListener("focusin", onoutside);
    },
  };
}

const MARGIN = 12;

/** Move a box sideways as far as it would leave the window. */
export function keepInView(node: HTMLElement) {
  const place = () => {
    node.style.removeProperty("transform");
    const { left, right } = node.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const by = left < MARGIN ? MARGIN - left : right > width - MARGIN ? Math.max(MARGIN - left, width - MARGIN - right) : 0;
    if (by) node.style.setProperty("transform", `translateX(${by}px)`);
  };
  place();
  addEventListener("resize", place);
  return { destroy: () => removeEventListener("resize", place) };
}
