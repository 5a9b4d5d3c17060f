import { texts } from "../text";

export const say = texts({
  en: {
    title: "Shared numbers",
    locked: "This link has a password",
    lockedWhat: "Whoever gave you the link also knows the password.",
    password: "Password",
    wrong: "This is not the password.",
    open: "Open",
    over: "This link shows nothing any more",
    overWhat: "It was withdrawn or has expired. Ask whoever gave it to you for a new one.",
    only: "Only",
    since: "since {day}",
    limits: "What this link is limited to",
  },
  de: {
    title: "Geteilte Zahlen",
    locked: "Dieser Link hat ein Passwort",
    lockedWhat: "Wer Ihnen den Link gegeben hat, kennt auch das Passwort.",
    password: "Passwort",
    wrong: "Das ist nicht das Passwort.",
    open: "Öffnen",
    over: "Dieser Link zeigt nichts mehr",
    overWhat: "Er wurde zurückgezogen oder ist abgelaufen. Fragen Sie nach einem neuen, wer ihn Ihnen gegeben hat.",
    only: "Nur",
    since: "seit {day}",
    limits: "Worauf dieser Link beschränkt ist",
  },
});
