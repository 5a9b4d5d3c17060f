// Listening to the browser's events.

/** Listen before the page does, so that it cannot stop us from seeing an event. */
export const listen = (types: string, listener: (event: Event) => unknown): void =>
  types.split(" ").forEach((type) => addEventListener(type, listener, true));
