import { texts } from "../text";

/** Loaded with the notes of the chart. */
export const note = texts({
  en: {
    "title": "Notes",
    "of": "Notes of {when}",
    "add": "Add a note",
    "none": "No notes in this period. A note marks a day on the chart: a release, a campaign, an outage.",
    "flag": "{n, plural, one {Note} other {# notes}} of {when}: {text}",
    "more": "{n, plural, one {# more} other {# more}}",
    "text": "Note",
    "when": "Day",
    "time": "Day and time",
    "timeHint": "An ISO 8601 date, or date and time; without an offset in {zone}",
    "who": "Who sees it",
    "mine": "only you",
    "everybody": "everybody",
    "edit": "Edit the note {text}",
    "table": "Notes in this period",
  },
  de: {
    "title": "Notizen",
    "of": "Notizen: {when}",
    "add": "Notiz hinzufügen",
    "none": "Keine Notizen in diesem Zeitraum. Eine Notiz markiert einen Tag im Diagramm: eine Veröffentlichung, eine Kampagne, einen Ausfall.",
    "flag": "{n, plural, one {Notiz} other {# Notizen}}, {when}: {text}",
    "more": "{n, plural, one {# weitere} other {# weitere}}",
    "text": "Notiz",
    "when": "Tag",
    "time": "Tag und Uhrzeit",
    "timeHint": "Ein Datum nach ISO 8601, auch mit Uhrzeit; ohne Abstand zu UTC gilt {zone}",
    "who": "Wer sie sieht",
    "mine": "nur Sie",
    "everybody": "alle",
    "edit": "Die Notiz {text} bearbeiten",
    "table": "Notizen in diesem Zeitraum",
  },
});
