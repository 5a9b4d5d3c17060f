/** What is open above the page. One thing at a time. */

export type OverlayName = "" | "command" | "help" | "date" | "filter" | "note";

class Overlay {
  name = $state<OverlayName>("");

  open(name: OverlayName): void {
    this.name = name;
  }

  close(): void {
    this.name = "";
  }
}

export const overlay = new Overlay();
