import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    lead: "All goals that were completed, and those with settings of their own.",
    completions: "{n, plural, one {# completion} other {# completions}}",
    labelOf: "Label of {name}",
    hiddenOf: "Hide {name}",
    kpiOf: "{name} is the KPI",
    saveOf: "Save {name}",
    deleteOf: "Delete the completions of {name}",
    would: "{n, plural, =0 {No completion} one {# completion} other {# completions}} of this goal would be deleted, from the first day on. This cannot be undone.",
    type: "Type {name} to confirm",
  },
  de: {
    lead: "Alle Ziele, die erreicht wurden, und solche mit eigenen Einstellungen.",
    completions: "{n, plural, one {# Abschluss} other {# Abschlüsse}}",
    labelOf: "Bezeichnung von {name}",
    hiddenOf: "{name} ausblenden",
    kpiOf: "{name} ist die Kennzahl",
    saveOf: "{name} speichern",
    deleteOf: "Abschlüsse von {name} löschen",
    would: "{n, plural, =0 {Kein Abschluss} one {# Abschluss} other {# Abschlüsse}} dieses Ziels würden gelöscht, vom ersten Tag an. Das kann nicht rückgängig gemacht werden.",
    type: "Zur Bestätigung {name} eingeben",
  },
});
