/** What a panel's numbers are, for the dialog that explains them. */

import type { Answer } from "./api/client";
import type { Context } from "./request";

export type ReportName = Answer<"schema">["data"]["reports"][number]["name"];

export interface About {
  title: string;
  /** What its rows are: a dimension as in the API, or "". */
  dimension?: string;
  /** Its columns, as in `fields`; `context` is what their totals are asked with. */
  metrics?: readonly string[];
  context?: Context;
  currency?: string;
  /** A report with numbers of its own. */
  report?: ReportName;
}
