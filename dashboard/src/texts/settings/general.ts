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
    schemeNone: "none",
    "scheme.red": "red", "scheme.orange": "orange", "scheme.yellow": "yellow", "scheme.green": "green", "scheme.purple": "purple",
    "scheme.pink": "pink", "scheme.gray": "grey", "scheme.blue": "blue", "scheme.teal": "teal", "scheme.indigo": "indigo",
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
    schemeNone: "keines",
    "scheme.red": "Rot", "scheme.orange": "Orange", "scheme.yellow": "Gelb", "scheme.green": "Grün", "scheme.purple": "Violett",
    "scheme.pink": "Rosa", "scheme.gray": "Grau", "scheme.blue": "Blau", "scheme.teal": "Türkis", "scheme.indigo": "Indigo",
    hosts: "Weitere Hosts, die zu dieser Website gehören",
    returns: "Bezahl- und Anmeldeseiten, die keine Verweise sind",
    returnsHint: "Ein Host pro Zeile. Wer von dort zurückkommt, setzt den Besuch fort.",
  },
});
