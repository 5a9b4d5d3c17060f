/** Who looks, at which websites, and how they like it shown. */

import { client, type Answer, type ApiError } from "./api/client";
import { place, signInPath } from "./router.svelte";

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

  /** Find out who is signed in. Nobody: the sign-in is opened. */
  async start(): Promise<void> {
    const result = await client.get<Answer<"read_me">>({ path: "/me", params: [] });
    if (result?.ok) this.use(result.data.data);
    else if (result && result.error.code !== 401) {
      this.error = result.error;
      this.isReady = true;
    }
  }

  /** Show everything as this account sees it. */
  use(me: Me): void {
    if (this.me && this.me.id !== me.id) client.forget();
    this.me = me;
    client.csrf = me.csrf;
    this.error = null;
    this.isReady = true;
  }

  /** Nobody is signed in any more: to the sign-in, and from there back to this view. */
  async end(): Promise<void> {
    const next = place.path + place.query;
    this.clear();
    if (place.route.name === "signin" || place.route.name === "invite" || place.route.name === "share") return;
    const setup = await client.get<Answer<"read_setup">>({ path: "/setup", params: [] });
    place.open(setup?.ok && setup.data.data.needed ? "/setup" : signInPath(next), true);
  }

  async signOut(): Promise<void> {
    const result = await client.write("POST", "/signout");
    if (!result.ok && result.error.code !== 401) return void (this.error = result.error);
    this.clear();
    place.open("/signin", true);
  }

  website(domain: string): Website | undefined {
    return this.websites.find((each) => each.domain === domain);
  }

  private clear(): void {
    this.me = null;
    this.isReady = false;
    client.csrf = "";
    client.forget();
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
client.onunknown = () => void session.end();
isDarkSystem.addEventListener("change", () => showTheme(session.theme));
