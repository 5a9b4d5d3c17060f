import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const details = texts({
  en: {
    search: "Search",
    searchLabel: "Search {things}",
    none: "Nothing contains “{text}”",
    page: "{first} to {last} of {n}",
    previous: "Previous page",
    next: "Next page",
  },
  de: {
    search: "Suchen",
    searchLabel: "{things} durchsuchen",
    none: "Nichts enthält „{text}“",
    page: "{first} bis {last} von {n}",
    previous: "Vorige Seite",
    next: "Nächste Seite",
  },
});
