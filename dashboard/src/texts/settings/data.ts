import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    retention: "Keep data for (days)",
    retentionHint: "Older data is removed every day and cannot be restored. Empty: everything is kept.",
    reset: "Delete all data",
    resetLead: "Everything that this website has received: visits, goals, payments and what is known of visitors. Its settings, tokens, links and saved things stay.",
    resetDone: "All data was deleted.",
    would: "{sessions, plural, one {# visit} other {# visits}} with {events, plural, one {# event} other {# events}}, {payments, plural, one {# payment} other {# payments}} and what is known of {people, plural, one {# person} other {# people}} would be deleted. This cannot be undone.",
    remove: "Delete this website",
    removeLead: "With all of its data, tokens and share links. This cannot be undone.",
    removeType: "Type {domain} to confirm",
  },
  de: {
    retention: "Daten aufbewahren für (Tage)",
    retentionHint: "Ältere Daten werden täglich entfernt und sind nicht wiederherstellbar. Leer: alles bleibt.",
    reset: "Alle Daten löschen",
    resetLead: "Alles, was diese Website empfangen hat: Besuche, Ziele, Zahlungen und was über Besucher bekannt ist. Einstellungen, Tokens, Links und Gespeichertes bleiben.",
    resetDone: "Alle Daten wurden gelöscht.",
    would: "{sessions, plural, one {# Besuch} other {# Besuche}} mit {events, plural, one {# Ereignis} other {# Ereignissen}}, {payments, plural, one {# Zahlung} other {# Zahlungen}} und was über {people, plural, one {# Person} other {# Personen}} bekannt ist, würden gelöscht. Das kann nicht rückgängig gemacht werden.",
    remove: "Diese Website löschen",
    removeLead: "Mit allen Daten, Token und Links zum Teilen. Das kann nicht rückgängig gemacht werden.",
    removeType: "Zur Bestätigung {domain} eingeben",
  },
});
