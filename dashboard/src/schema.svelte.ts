/** The server's registries: labels and rules, the same for every website. Asked for once, when they are first needed. */

import { client, type Answer } from "./api/client";

type Schema = Answer<"schema">["data"];

class Registry {
  data = $state.raw<Schema | null>(null);
  private isAsked = false;

  /** The registries; null until they have come. */
  get(): Schema | null {
    if (!this.isAsked) {
      this.isAsked = true;
      void client.get<Answer<"schema">>({ path: "/schema", params: [] }).then((result) => {
        if (result?.ok) this.data = result.data.data;
        else this.isAsked = false;
      });
    }
    return this.data;
  }
}

export const registry = new Registry();
