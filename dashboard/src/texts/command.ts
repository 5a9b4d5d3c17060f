import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const command = texts({
  en: {
    label: "Search websites, reports, periods and filters",
    none: "Nothing is called “{text}”",
    website: "Website",
    report: "Report",
    period: "Period",
    theme: "Theme",
  },
  de: {
    label: "Websites, Berichte, Zeiträume und Filter suchen",
    none: "Nichts heißt „{text}“",
    website: "Website",
    report: "Bericht",
    period: "Zeitraum",
    theme: "Farben",
  },
});
