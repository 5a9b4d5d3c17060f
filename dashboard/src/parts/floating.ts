/** For what floats over the page: menus and popovers. */

/**
 * Call `close` after a click or focus anywhere else. Not before the click is over: what closes may move what is
 * clicked away from the pointer, and the click would be lost.
 */
export function closeWhenOutside(node: HTMLElement, close: () => void) {
  let current = close;
  let isPressed = false;
  const closeLater = () => setTimeout(() => current());
  const isOutside = ({ target }: Event) => target instanceof Node && !node.contains(target);
  const listeners: Record<string, (event: Event) => void> = {
    pointerdown: () => (isPressed = true),
    pointerup: () => (isPressed = false),
    pointercancel: () => (isPressed = false),
    click: (event) => { if (isOutside(event)) closeLater(); },
    focusin: (event) => { if (isOutside(event) && !isPressed) closeLater(); },
  };
  // captured: before anything that the click removes from the page
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener, true);
  return {
    update: (next: () => void) => (current = next),
    destroy: () => {
      for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener, true);
    },
  };
}

const MARGIN = 12;

/** Move a box sideways as far as it would leave the window, also when its content comes later. */
export function keepInView(node: HTMLElement) {
  const place = () => {
    node.style.removeProperty("transform");
    const { left, right } = node.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const by = left < MARGIN ? MARGIN - left : right > width - MARGIN ? Math.max(MARGIN - left, width - MARGIN - right) : 0;
    if (by) node.style.setProperty("transform", `translateX(${by}px)`);
  };
  place();
  const sizes = new ResizeObserver(place);
  sizes.observe(node);
  addEventListener("resize", place);
  return { destroy: () => { sizes.disconnect(); removeEventListener("resize", place); } };
}
