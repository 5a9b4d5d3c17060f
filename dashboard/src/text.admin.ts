/** The texts of signing in, the set-up and the settings. Only their pages load them. */

import { pageTexts } from "./text";

const EN = {
  "signin.title": "Sign in",
  "signin.lead": "to see the numbers of {host}",
  "signin.email": "E-mail",
  "signin.password": "Password",
  "signin.code": "Code of your authenticator app",
  "signin.codeHint": "Six digits. Each code works once.",
  "signin.submit": "Sign in",
  "signin.wrong": "The e-mail address or the password is wrong.",
  "signin.wrongCode": "This code is wrong or too old. Type the newest one.",
  "signin.lost": "Lost your password? Whoever runs the server prints a link that signs you in:",
  "signin.byLink": "Signing in …",
  "signin.linkFailed": "This link does not sign you in any more",
  "signin.linkFailedWhat": "A link works once. Print a new one in the server's terminal:",
  "signin.withPassword": "Sign in with your password",
  "signin.tooMany": "Too many attempts. Signing in is possible again in a moment.",
} as const;

export type AdminKey = keyof typeof EN;
export type AdminTexts = Record<AdminKey, string>;

export const ta = await pageTexts<AdminKey>(EN, async () => (await import("./text.admin.de")).DE);
