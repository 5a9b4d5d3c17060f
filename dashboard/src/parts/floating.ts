/** For what floats over the page: menus and popovers. */

interface Floating {
  isOpen: boolean;
  close: () => void;
}

/**
 * Call `close` after a click or focus anywhere else. Not before the click is over: what closes may move what is
 * clicked away from the pointer, and the click would be lost. Not if the click itself has opened it.
 */
export function closeWhenOutside(node: HTMLElement, floating: Floating) {
  let current = floating;
  let isPressed = false;
  const closeLater = () => setTimeout(() => current.close());
  const mustClose = ({ target }: Event) => current.isOpen && target instanceof Node && !node.contains(target);
  const listeners: Record<string, (event: Event) => void> = {
    pointerdown: () => (isPressed = true),
    pointerup: () => (isPressed = false),
    pointercancel: () => (isPressed = false),
    click: (event) => { if (mustClose(event)) closeLater(); },
    focusin: (event) => { if (mustClose(event) && !isPressed) closeLater(); },
  };
  // captured: before anything that the click removes from the page
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener, true);
  return {
    update: (next: Floating) => (current = next),
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
