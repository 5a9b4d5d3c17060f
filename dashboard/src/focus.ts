/** Where the focus goes when what had it has gone. */

/** To the last button of the row that is now in the place of one that has gone, or before it; without one to the heading. */
export function focusRow(rows: Element | null | undefined, index: number, heading: HTMLElement | undefined): void {
  const row = rows?.children[Math.min(index, rows.children.length - 1)];
  const button = [...(row?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? [])].at(-1);
  (button ?? heading)?.focus();
}
