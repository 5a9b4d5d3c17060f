/** What members have saved about a website: everybody's, and their own. */

import { client, type Answer, type ApiError, type Result } from "./api/client";
import type { Filter } from "./state";

export type SegmentRow = Answer<"list_segments">["data"][number];
export type SavedRow = Pick<SegmentRow, "id" | "name" | "personal">;
const MAX = "1000";

/** The saved things of one kind. `path` is as in the API. */
export class SavedList<Row extends SavedRow> {
  /** null until they have come. */
  rows = $state.raw<Row[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  private domain = "";

  constructor(private readonly path: string) {}

  find(id: string): Row | undefined {
    return this.rows?.find((row) => row.id === id);
  }

  /** Load a website's, unless they are there. */
  async load(domain: string, isAgain = false): Promise<void> {
    if (domain === this.domain && !isAgain) return;
    if (domain !== this.domain) this.rows = null;
    this.domain = domain;
    this.error = null;
    const result = await client.get<{ data: Row[] }>({ path: this.path, params: [["domain", domain], ["limit", MAX]] });
    if (domain !== this.domain || !result) return;
    if (result.ok) this.rows = result.data.data;
    else {
      this.error = result.error;
      this.domain = ""; // so that it can be tried again
    }
  }

  add(body: object): Promise<Result<{ data: Row }>> {
    return this.write("POST", "", body);
  }

  change(id: string, body: object): Promise<Result<{ data: Row }>> {
    return this.write("PATCH", `/${id}`, body);
  }

  remove(id: string): Promise<Result<{ data: Row }>> {
    return this.write("DELETE", `/${id}`);
  }

  forget(): void {
    this.domain = "";
    this.rows = null;
  }

  private async write(method: "POST" | "PATCH" | "DELETE", id: string, body?: object): Promise<Result<{ data: Row }>> {
    const { domain } = this;
    const result = await client.write<{ data: Row }>(method, `${this.path}${id}?domain=${encodeURIComponent(domain)}`, body);
    if (result.ok) await this.load(domain, true);
    return result;
  }
}

class Segments extends SavedList<SegmentRow> {
  /** What a segment selects; nothing where there is no such segment. */
  filtersOf(id: string): Filter[] {
    return (id ? this.find(id)?.filters ?? [] : []).map(({ dimension, value }) => ({ name: dimension, value }));
  }

  /** Whether an id is of no segment; false as long as that is not known. */
  isUnknown(id: string): boolean {
    return id !== "" && this.rows !== null && !this.find(id);
  }
}

/** Of the website that is shown: every report needs them. */
export const segments = new Segments("/segments");
