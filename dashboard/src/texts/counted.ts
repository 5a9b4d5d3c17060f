import { texts } from "../text";

/** Loaded with the panel of what was counted. */
export const counted = texts({
  en: {
    "counted": "Counted",
    "countedWhat": "stored, and in every number above",
    "bots": "Taken for bots",
    "botsWhat": "stored, kept apart; show with bots = include",
    "left": "Left out",
    "leftWhat": "foreign host, exclusion, spam referrer …",
    "perDay": "{n, plural, one {# hit received, per day} other {# hits received, per day}}",
    "why": "Why was my hit not counted?",
    "how": "How each number is made",
    "exact": "nothing sampled, nothing estimated",
    "reasons": "Reasons",
    "noReasons": "No hit was left out in this period.",
    "todo": "What to do",
    "more": "more days than the API lists at once: choose a shorter period for all of them",
  },
  de: {
    "counted": "Gezählt",
    "countedWhat": "gespeichert und in jeder Zahl oben",
    "bots": "Für Bots gehalten",
    "botsWhat": "gespeichert, aber getrennt; mit Bots = mit zu sehen",
    "left": "Ausgelassen",
    "leftWhat": "fremder Host, Ausschluss, Spam-Verweis …",
    "perDay": "{n, plural, one {# Treffer empfangen, pro Tag} other {# Treffer empfangen, pro Tag}}",
    "why": "Warum wurde mein Treffer nicht gezählt?",
    "how": "Wie jede Zahl entsteht",
    "exact": "keine Stichprobe, keine Schätzung",
    "reasons": "Gründe",
    "noReasons": "In diesem Zeitraum wurde kein Treffer ausgelassen.",
    "todo": "Was zu tun ist",
    "more": "mehr Tage, als die API auf einmal auflistet: wählen Sie einen kürzeren Zeitraum",
  },
});
