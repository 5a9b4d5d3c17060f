/** Forms whose call needs the password once the sign-in is old. Whether it is old, the server says. */

import type { Result } from "./api/client";
import { Form } from "./form.svelte";

export class ConfirmedForm extends Form {
  /** The server has asked for the password. */
  needsPassword = $state(false);
  current = $state("");

  /** Send it as `send` does. `work` gets what its body needs beside the rest. */
  async confirm<T>(work: (proof: { current?: string }) => Promise<Result<T>>): Promise<T | null> {
    const answer = await this.send(() => work(this.needsPassword ? { current: this.current } : {}));
    if (!answer && this.error?.field === "current" && !this.needsPassword) {
      this.needsPassword = true;
      this.error = null; // the password was not wrong, but not there yet
    }
    return answer;
  }

  /** When all is done: the next time, the server asks again. */
  forget(): void {
    this.needsPassword = false;
    this.current = "";
    this.error = null;
  }
}
