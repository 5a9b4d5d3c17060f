import type { EN } from "./control";

export const DE: Record<keyof typeof EN, string> = {
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
  "menu.copyAs": "Exportieren und kopieren",
  "menu.csv": "CSV, alle Zeilen",
  "menu.linkPage": "Link zu dieser Seite",
};
