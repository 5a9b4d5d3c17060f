import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    retention: "Keep data for (days)",
    retentionHint: "Older data is removed every day and cannot be restored. Empty: everything is kept.",
    remove: "Delete this website",
    removeLead: "With all of its data, tokens and share links. This cannot be undone.",
    removeType: "Type {domain} to confirm",
  },
  de: {
    retention: "Daten aufbewahren für (Tage)",
    retentionHint: "Ältere Daten werden täglich entfernt und sind nicht wiederherstellbar. Leer: alles bleibt.",
    remove: "Diese Website löschen",
    removeLead: "Mit allen Daten, Token und Links zum Teilen. Das kann nicht rückgängig gemacht werden.",
    removeType: "Zur Bestätigung {domain} eingeben",
  },
});
