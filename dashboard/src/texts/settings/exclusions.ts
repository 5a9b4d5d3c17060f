import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    lead: "Hits that match one of these are not counted. What was counted before stays.",
    addresses: "IP addresses",
    addressesHint: "One address or network per line, as in 192.0.2.7 or 192.0.2.0/24.",
    paths: "Paths",
    pathsHint: "One per line, as in /admin/*.",
    hostnames: "Hosts",
    hostnamesHint: "One per line, as in staging.example.com.",
    countries: "Countries",
    countriesHint: "One code of two letters per line, as in DE.",
    referrers: "Referrers",
    referrersHint: "One host per line.",
  },
  de: {
    lead: "Treffer, auf die etwas davon zutrifft, werden nicht gezählt. Was schon gezählt wurde, bleibt.",
    addresses: "IP-Adressen",
    addressesHint: "Eine Adresse oder ein Netz pro Zeile, zum Beispiel 192.0.2.7 oder 192.0.2.0/24.",
    paths: "Pfade",
    pathsHint: "Einer pro Zeile, zum Beispiel /admin/*.",
    hostnames: "Hosts",
    hostnamesHint: "Einer pro Zeile, zum Beispiel staging.example.com.",
    countries: "Länder",
    countriesHint: "Ein Code aus zwei Buchstaben pro Zeile, zum Beispiel DE.",
    referrers: "Verweise",
    referrersHint: "Ein Host pro Zeile.",
  },
});
