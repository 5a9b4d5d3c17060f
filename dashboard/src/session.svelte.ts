/** Who looks, at which websites, and how they like it shown. */

import { client, type Answer, type ApiError } from "./api/client";

export type Me = Answer<"read_me">["data"];
export type Website = Me["websites"][number];
export type Theme = "light" | "dark" | "system";

class Session {
  /** null: nobody is signed in. */
  me = $state.raw<Me | null>(null);
  websites = $derived(this.me?.websites ?? []);
  isReady = $state(false);
  error = $state.raw<ApiError | null>(null);
  theme = $state<Theme>(readTheme());
  hasShortcuts = $state(localStorage.getItem("footfall.shortcuts") !== "off");
  /** Advances once a minute while the page is seen, and with `refresh`. */
  now = $state(Date.now());

  async start(): Promise<void> {
    const result = await client.get<Answer<"read_me">>({ path: "/me", params: [] });
    if (!result) return;
    this.me = result.ok ? result.data.data : null;
    client.csrf = this.me?.csrf ?? "";
    this.error = result.ok ? null : result.error;
    this.isReady = true;
  }

  website(domain: string): Website | undefined {
    return this.websites.find((each) => each.domain === domain);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem("footfall.theme", theme);
    showTheme(theme);
  }

  setShortcuts(isOn: boolean): void {
    this.hasShortcuts = isOn;
    localStorage.setItem("footfall.shortcuts", isOn ? "on" : "off");
  }
}

function readTheme(): Theme {
  const stored = localStorage.getItem("footfall.theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

const isDarkSystem = matchMedia("(prefers-color-scheme: dark)");

/** Whether the dark theme is shown. */
export function isDark(theme: Theme): boolean {
  return theme === "dark" || (theme === "system" && isDarkSystem.matches);
}

export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = isDark(theme) ? "dark" : "light";
}

export const session = new Session();
isDarkSystem.addEventListener("change", () => showTheme(session.theme));
