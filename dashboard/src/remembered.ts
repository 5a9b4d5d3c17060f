/** What this browser remembers. In a page of another website, a share link may not be allowed to remember anything. */

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`footfall.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`footfall.${name}`, value);
  } catch {
    // then it holds until the page is left
  }
}
