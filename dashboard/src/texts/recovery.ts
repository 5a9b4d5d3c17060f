import { texts } from "../text";

export const say = texts({
  en: {
    title: "Recovery codes",
    once: "Each of them signs you in once if you do not have the phone. Keep them where you keep passwords: they are shown now and never again.",
    kept: "I have kept them",
    left: "{n, plural, one {# recovery code is left.} other {# recovery codes are left.}}",
    renew: "Make new recovery codes",
    renewHint: "New codes replace them.",
    made: "These are your new codes.",
  },
  de: {
    title: "Wiederherstellungscodes",
    once: "Jeder davon meldet Sie einmal an, wenn Sie das Telefon nicht haben. Bewahren Sie sie bei Ihren Passwörtern auf: sie werden jetzt gezeigt und nie wieder.",
    kept: "Ich habe sie aufbewahrt",
    left: "{n, plural, one {Es ist # Wiederherstellungscode übrig.} other {Es sind # Wiederherstellungscodes übrig.}}",
    renew: "Neue Wiederherstellungscodes erzeugen",
    renewHint: "Neue Codes ersetzen sie.",
    made: "Das sind Ihre neuen Codes.",
  },
});
