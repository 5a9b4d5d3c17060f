/** A request as state: its answer, its error, whether it is under way. */

import { untrack } from "svelte";

import { client, urlOf, type ApiError, type Request } from "./client";
import { countDown } from "../countdown";

/** Answers younger than this are shown without asking again. */
const FRESH_MS = 15_000;
const SLOW_MS = 150;

export class Load<T> {
  /** The newest answer; an older request's until the next has come. */
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  isLoading = $state(false);
  /** Loading for so long that it should be seen. */
  isSlow = $state(false);
  /** Seconds until it is tried again by itself; 0 where it is not. */
  retryInS = $state(0);

  private asked: Request | null = null;
  private controller: AbortController | null = null;
  private slow: ReturnType<typeof setTimeout> | undefined;
  private stopWaiting = () => {};

  /** Ask for something; what was asked for before is aborted. null asks for nothing. */
  ask(request: Request | null): void {
    const isSame = this.asked && request && urlOf(this.asked) === urlOf(request);
    this.stop();
    this.asked = request;
    if (!request) {
      this.data = null;
      return;
    }
    const known = client.peek<T>(request);
    if (known) {
      this.data = known.data;
      this.error = null;
      if (known.ageMs < FRESH_MS) return;
    }
    void this.run(request, Boolean(known) || Boolean(isSame && this.data));
  }

  /** Ask again for the same. What is shown stays until the answer has come. */
  async refresh(): Promise<void> {
    if (this.asked && !this.isLoading) await this.run(this.asked, this.data !== null);
  }

  stop(): void {
    this.controller?.abort();
    this.controller = null;
    this.isLoading = this.isSlow = false;
    clearTimeout(this.slow);
    this.stopWaiting();
    this.retryInS = 0;
  }

  /** `isQuiet`: the right rows are there already, so nothing shows that newer ones are asked for. */
  private async run(request: Request, isQuiet: boolean): Promise<void> {
    const controller = (this.controller = new AbortController());
    this.isLoading = true;
    this.stopWaiting();
    this.retryInS = 0;
    if (!isQuiet) this.slow = setTimeout(() => (this.isSlow = true), SLOW_MS);
    const result = await client.get<T>(request, controller.signal);
    if (controller !== this.controller || result === null) return;
    clearTimeout(this.slow);
    this.isLoading = this.isSlow = false;
    if (result.ok) {
      this.data = result.data;
      this.error = null;
      return;
    }
    this.error = result.error;
    if (!isQuiet) this.data = null; // of another request, and so not what is asked for now
    if (result.error.retryAfterS) this.wait(request, result.error.retryAfterS);
  }

  private wait(request: Request, seconds: number): void {
    this.stopWaiting = countDown(seconds, (left) => (this.retryInS = left), () => void this.run(request, this.data !== null));
  }
}

/** The loads of everything on the page. */
const shown = new Set<Pick<Load<unknown>, "refresh">>();

/** Ask again for all that is on the page. */
export function refreshShown(): void {
  for (const each of shown) void each.refresh();
}

/** A load that follows `request`, for as long as the component that calls this exists. It asks at once, so everything that `request` reads must be declared before. */
export function load<T>(request: () => Request | null): Load<T> {
  const loading = new Load<T>();
  let url = "";
  const follow = () => {
    const wanted = request();
    const next = wanted ? urlOf(wanted) : "";
    if (next !== url) {
      url = next;
      loading.ask(wanted);
    }
  };
  untrack(follow); // an effect runs when the page is drawn: meanwhile the server can work
  $effect(follow);
  $effect(() => {
    shown.add(loading);
    return () => {
      shown.delete(loading);
      loading.stop();
    };
  });
  return loading;
}
