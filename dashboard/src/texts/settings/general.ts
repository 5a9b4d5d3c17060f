import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    domain: "Domain",
    domainHint: "The domain cannot be changed.",
    name: "Name",
    kpi: "Goal that counts most",
    kpiHint: "A goal's name, as in signup. Empty: revenue.",
    logo: "Address of the logo",
    scheme: "Colour scheme of the KPI",
    schemeHint: "One of red, orange, yellow, green, purple, pink, gray, blue, teal, indigo. Empty: none.",
    hosts: "Other hosts that are this website, too",
    returns: "Payment and sign-in pages, which are not referrers",
    returnsHint: "One host per line. A visitor who comes back from there continues the visit.",
  },
  de: {
    domain: "Domain",
    domainHint: "Die Domain kann nicht geändert werden.",
    name: "Name",
    kpi: "Wichtigstes Ziel",
    kpiHint: "Der Name eines Ziels, zum Beispiel signup. Leer: Umsatz.",
    logo: "Adresse des Logos",
    scheme: "Farbschema der Kennzahl",
    schemeHint: "Eines von red, orange, yellow, green, purple, pink, gray, blue, teal, indigo. Leer: keines.",
    hosts: "Weitere Hosts, die zu dieser Website gehören",
    returns: "Bezahl- und Anmeldeseiten, die keine Verweise sind",
    returnsHint: "Ein Host pro Zeile. Wer von dort zurückkommt, setzt den Besuch fort.",
  },
});
