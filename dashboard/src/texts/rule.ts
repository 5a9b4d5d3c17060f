import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const rule = texts({
  en: {
    close: "Close",
    title: "{what}: how it is counted",
    botVisits: "Visits of bots, not in here",
    left: "Hits left out for another reason",
    before: "Visits that began before {day} are not in here",
    withBots: "With bots",
    withoutBots: "Without bots",
    docs: "The rule",
  },
  de: {
    close: "Schließen",
    title: "{what}: wie gezählt wird",
    botVisits: "Besuche von Bots, nicht enthalten",
    left: "Aus anderem Grund ausgelassene Treffer",
    before: "Besuche, die vor dem {day} begannen, sind nicht enthalten",
    withBots: "Mit Bots",
    withoutBots: "Ohne Bots",
    docs: "Die Regel",
  },
});
