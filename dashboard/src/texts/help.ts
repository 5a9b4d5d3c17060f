import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const help = texts({
  en: {
    title: "Keyboard",
    periods: "Periods",
    go: "Go to",
    then: "then",
    off: "Use single-key shortcuts",
  },
  de: {
    title: "Tastatur",
    periods: "Zeiträume",
    go: "Gehe zu",
    then: "dann",
    off: "Tasten als Kurzbefehle benutzen",
  },
});
