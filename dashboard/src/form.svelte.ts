/** A form that is sent to the API: whether it is under way, and what is wrong with which field. */

import { untrack } from "svelte";
import type { ApiError, Result } from "./api/client";
import { countDown } from "./countdown";
import { t } from "./text";

export class Form {
  isSending = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Seconds until it may be sent again, after too many attempts. */
  waitS = $state(0);

  private fields = $state.raw<readonly string[]>([]);
  private stopWaiting = () => {};

  /** Send it, unless it is being sent. null where that failed; `error` then says why. */
  async send<T>(work: () => Promise<Result<T>>): Promise<T | null> {
    if (this.isSending || this.waitS > 0) return null;
    this.isSending = true;
    this.error = null;
    const result = await work();
    this.isSending = false;
    if (result.ok) return result.data;
    this.error = result.error;
    if (result.error.retryAfterS) this.wait(result.error.retryAfterS);
    return null;
  }

  /** A field of the form, so that its errors are shown beside it. Answers how to forget it. */
  knows(name: string): () => void {
    // untracked: fields call this in effects, which would then run for ever
    untrack(() => (this.fields = [...this.fields, name]));
    return () => untrack(() => (this.fields = this.fields.filter((each) => each !== name)));
  }

  /** What is wrong with a field, "" for nothing. */
  wrong(name: string): string {
    return this.error?.field === name && this.error.code !== 429 ? this.error.message : "";
  }

  /** What is wrong and belongs to no field, "" for nothing. */
  get general(): string {
    if (!this.error || (this.error.field && this.error.code !== 429 && this.fields.includes(this.error.field))) return "";
    return this.error.code === 0 ? t("state.offline") : this.error.message || t("state.unreadable");
  }

  private wait(seconds: number): void {
    this.stopWaiting();
    this.stopWaiting = countDown(seconds, (left) => (this.waitS = left), () => (this.error = null));
  }
}
