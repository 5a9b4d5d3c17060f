/** Texts of what flows, funnels and retention are built with. */

import { textsIn } from "../text";

export const EN = {
  "step.search": "Search, or type a path or name",
  "step.hint": "/blog/* is one level, /blog/** is everything below",
  "step.anyPage": "any page",
  "step.remove": "Remove {step}",
  "step.kind.page": "page",
  "step.kind.goal": "goal",
  "step.kind.tx": "Transaction",
  "step.kind.sig": "Signature",
  "step.kind.log": "contract event",
  "step.kind.wallet": "wallet",
  "step.kind.event": "event",
  "number.less": "{label}: one less",
  "number.more": "{label}: one more",
  "menu.copyAs": "Export and copy",
  "menu.csv": "CSV, all rows",
  "menu.linkPage": "Link to this page",
} as const;

export const control = await textsIn<keyof typeof EN>(EN, () => import("./control.de"));
