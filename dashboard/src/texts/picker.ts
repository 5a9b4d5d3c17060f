import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const picker = texts({
  en: {
    apply: "Apply",
    cancel: "Cancel",
    previousMonth: "Previous month",
    nextMonth: "Next month",
    leftOut: "{zone} · today is left out until it is over",
    open: "{zone} · today is not over yet",
    from: "From",
    until: "Until",
    to: "to",
    days: "{n, plural, one {# day} other {# days}}",
    sameLength: "same length, directly before",
    sameWeekdays: "same length before, starting on the same weekday",
    sameDates: "the same dates a year earlier",
  },
  de: {
    apply: "Anwenden",
    cancel: "Abbrechen",
    previousMonth: "Voriger Monat",
    nextMonth: "Nächster Monat",
    leftOut: "{zone} · der heutige Tag zählt erst, wenn er vorbei ist",
    open: "{zone} · der heutige Tag ist noch nicht vorbei",
    from: "Von",
    until: "Bis",
    to: "bis",
    days: "{n, plural, one {# Tag} other {# Tage}}",
    sameLength: "gleich lang, direkt davor",
    sameWeekdays: "gleich lang davor, ab demselben Wochentag",
    sameDates: "dieselben Tage ein Jahr früher",
  },
});
