/** The German texts of signing in, the set-up and the settings. */

import type { AdminTexts } from "./text.admin";

export const DE: AdminTexts = {
  "signin.title": "Anmelden",
  "signin.lead": "um die Zahlen von {host} zu sehen",
  "signin.email": "E-Mail",
  "signin.password": "Passwort",
  "signin.code": "Code Ihrer Authenticator-App",
  "signin.codeHint": "Sechs Ziffern. Jeder Code gilt einmal.",
  "signin.submit": "Anmelden",
  "signin.wrong": "Die E-Mail-Adresse oder das Passwort ist falsch.",
  "signin.wrongCode": "Dieser Code ist falsch oder zu alt. Geben Sie den neuesten ein.",
  "signin.lost": "Passwort verloren? Wer den Server betreibt, druckt einen Link, der Sie anmeldet:",
  "signin.byLink": "Sie werden angemeldet …",
  "signin.linkFailed": "Dieser Link meldet Sie nicht mehr an",
  "signin.linkFailedWhat": "Ein Link gilt einmal. Erzeugen Sie einen neuen im Terminal des Servers:",
  "signin.withPassword": "Mit dem Passwort anmelden",
  "signin.tooMany": "Zu viele Versuche. In Kürze geht es wieder.",
};
