import { texts } from "../text";

/** Loaded with the list of saved funnels. */
export const funnels = texts({
  en: {
    "title": "Saved funnels",
    "lead": "in the chosen period, with its filters",
    "funnel": "Funnel",
    "started": "Started",
    "completed": "Completed",
    "conversion": "Start to end",
    "revenue": "Revenue",
    "mine": "only you",
    "ofA": "Numbers of A, {name}",
    "conditions": "not counted here: it has conditions",
    "failed": "could not be counted",
    "more": "{n, plural, one {# more is in the menu above} other {# more are in the menu above}}",
  },
  de: {
    "title": "Gespeicherte Trichter",
    "lead": "im gewählten Zeitraum, mit seinen Filtern",
    "funnel": "Trichter",
    "started": "Begonnen",
    "completed": "Abgeschlossen",
    "conversion": "Anfang bis Ende",
    "revenue": "Umsatz",
    "mine": "nur Sie",
    "ofA": "Zahlen von A, {name}",
    "conditions": "hier nicht gezählt: mit Bedingungen",
    "failed": "konnte nicht gezählt werden",
    "more": "{n, plural, one {# weiterer steht im Menü oben} other {# weitere stehen im Menü oben}}",
  },
});
