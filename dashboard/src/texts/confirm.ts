import { texts } from "../text";

export const say = texts({
  en: { password: "Your password", hint: "You signed in a while ago: the password shows that it is you." },
  de: { password: "Ihr Passwort", hint: "Ihre Anmeldung ist eine Weile her: das Passwort zeigt, dass Sie es sind." },
});
