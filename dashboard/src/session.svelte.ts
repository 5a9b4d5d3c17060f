/** Who looks, at which websites, and how they like it shown. */

import { client, type Answer, type ApiError, type Result } from "./api/client";
import { remember, remembered } from "./remembered";
import { countDown } from "./countdown";
import { place, signInPath } from "./router.svelte";
import { segments } from "./saved.svelte";
import { language, preferredLanguage } from "./text";

export type Me = Answer<"read_me">["data"];
export type Website = Me["websites"][number];
/** A share link that is open. */
export type Shared = Answer<"open_share">["data"];
export type Theme = "light" | "dark" | "system";

const OFFLINE_RETRY_S = 5;

class Session {
  /** null: nobody is signed in. */
  me = $state.raw<Me | null>(null);
  shared = $state.raw<Shared | null>(null);
  websites = $derived<Website[]>(this.shared ? [this.shared.website] : (this.me?.websites ?? []));
  isReady = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Seconds until the start is tried again by itself; 0 where it is not. */
  retryInS = $state(0);
  theme = $state<Theme>(readTheme());
  hasShortcuts = $state(remembered("shortcuts") !== "off");
  /** Advances once a minute while the page is seen, and with `refresh`. */
  now = $state(Date.now());

  private stopWaiting = () => {};

  /** Find out who is signed in. Nobody: the sign-in is opened. Where the server is busy or cannot be reached, it is tried again. */
  async start(): Promise<void> {
    this.stopWaiting();
    this.retryInS = 0;
    const result = await client.get<Answer<"read_me">>({ path: "/me", params: [] });
    if (result?.ok) this.use(result.data.data);
    else if (result?.error.code === 403) await this.end(); // the browser has a share link's cookie, and no other
    else if (result && result.error.code !== 401) {
      this.error = result.error;
      this.isReady = true;
      const waits = result.error.retryAfterS || (result.error.code ? 0 : OFFLINE_RETRY_S);
      if (waits) this.stopWaiting = countDown(waits, (left) => (this.retryInS = left), () => void this.start());
    }
  }

  /** Show what a share link shows, and nothing else. Its token goes with every request: in a page of another website there are no cookies. */
  share(slug: string, opened: Shared): void {
    client.token = opened.token;
    this.shared = opened;
    place.shared = { slug, site: opened.website.domain };
    this.error = null;
    this.isReady = true;
  }

  /** Whether they look after websites, and not only look. */
  get mayChange(): boolean {
    return !this.shared && this.me !== null && this.me.role !== "viewer";
  }

  /** Whether a report is among the pages of the share link; without one, all are. */
  mayOpen(report: string): boolean {
    return !this.shared || (this.shared.pages as string[]).includes(report || "overview");
  }

  /** Show everything as this account sees it. */
  use(me: Me): void {
    if (this.me && this.me.id !== me.id) client.forget();
    this.me = me;
    client.csrf = me.csrf;
    this.error = null;
    this.isReady = true;
    this.adopt(me.preferences);
  }

  /** Nobody is signed in any more: to the sign-in, and from there back to this view. */
  async end(): Promise<void> {
    const next = place.path + place.query;
    this.clear();
    if (this.shared) {
      // withdrawn or changed meanwhile: opened again, which says why or asks for the password
      this.shared = place.shared = null;
      client.token = "";
      return;
    }
    if (place.route.name === "signin" || place.route.name === "invite" || place.route.name === "share") return;
    const setup = await client.get<Answer<"read_setup">>({ path: "/setup", params: [] });
    place.open(setup?.ok && setup.data.data.needed ? "/setup" : signInPath(next), true);
  }

  /** Whether values can be listed with counts, to choose a filter from. A share link lists what its pages list. */
  get mayListValues(): boolean {
    return this.mayOpen("");
  }

  /** Whether steps can be listed with counts. */
  get mayListSteps(): boolean {
    return this.mayOpen("flow") || this.mayOpen("funnels");
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
    segments.forget();
  }

  /** Remember a preference, in this browser and for the account in all others. */
  prefer(name: string, value: string): Promise<Result<unknown>> {
    remember(name, value);
    if (!this.me) return Promise.resolve({ ok: true, data: null });
    const preferences = { ...this.me.preferences, [name]: value };
    this.me = { ...this.me, preferences };
    return client.write("PUT", "/preferences", { preferences });
  }

  setTheme(theme: Theme): Promise<Result<unknown>> {
    showTheme((this.theme = theme));
    return this.prefer("theme", theme);
  }

  setShortcuts(isOn: boolean): Promise<Result<unknown>> {
    this.hasShortcuts = isOn;
    return this.prefer("shortcuts", isOn ? "on" : "off");
  }

  /** What the account prefers, chosen in another browser perhaps. */
  private adopt(preferences: Me["preferences"]): void {
    const chosen = ["theme", "shortcuts", "language"].filter((name) => preferences[name]);
    if (!chosen.length) return;
    for (const name of chosen) remember(name, preferences[name]!);
    showTheme((this.theme = readTheme()));
    this.hasShortcuts = remembered("shortcuts") !== "off";
    // texts are chosen once, before the first is shown; whoever has just signed in is on the way to another page
    if (preferredLanguage() !== language()) setTimeout(() => location.reload());
  }
}

function readTheme(): Theme {
  const stored = remembered("theme");
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
