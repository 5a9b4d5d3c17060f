/** Texts of what flows, funnels and retention are built with. */

import { texts } from "../text";

export const control = texts({
  en: {
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
    "menu.copyAs": "Copy as…",
    "menu.linkPage": "Link to this page",
  },
  de: {
    "step.search": "Suchen oder Pfad oder Namen eingeben",
    "step.hint": "/blog/* ist eine Ebene, /blog/** alles darunter",
    "step.anyPage": "beliebige Seite",
    "step.remove": "{step} entfernen",
    "step.kind.page": "Seite",
    "step.kind.goal": "Ziel",
    "step.kind.tx": "Transaktion",
    "step.kind.sig": "Signatur",
    "step.kind.log": "Contract-Event",
    "step.kind.wallet": "Wallet",
    "step.kind.event": "Ereignis",
    "number.less": "{label}: eins weniger",
    "number.more": "{label}: eins mehr",
    "menu.copyAs": "Kopieren als …",
    "menu.linkPage": "Link zu dieser Seite",
  },
});
