import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const websites = texts({
  en: {
    title: "Websites",
    website: "Website",
    live: "Now",
    settingsOf: "Settings of {domain}",
    none: "No website yet",
    noneWhat: "Add one here, or with “footfall website add example.com”.",
  },
  de: {
    title: "Websites",
    website: "Website",
    live: "Jetzt",
    settingsOf: "Einstellungen von {domain}",
    none: "Noch keine Website",
    noneWhat: "Fügen Sie hier eine hinzu, oder mit „footfall website add example.com“.",
  },
});
