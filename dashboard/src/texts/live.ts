import { texts } from "../text";

/** Loaded with what it names, and not with every first load. */
export const live = texts({
  en: {
    title: "{n, plural, one {visitor on the website now} other {visitors on the website now}}",
    lead: "active in the last 5 minutes",
    who: "Who is here",
    page: "Page",
    from: "From",
    place: "Place",
    since: "Here for",
    pages: "Pages",
    nobody: "Nobody is on the website at the moment. This page looks again every 10 seconds.",
    map: "Where they are",
    direct: "Direct",
    unknown: "Unknown place",
    customer: "customer",
  },
  de: {
    title: "{n, plural, one {Besucher ist gerade auf der Website} other {Besucher sind gerade auf der Website}}",
    lead: "aktiv in den letzten 5 Minuten",
    who: "Wer hier ist",
    page: "Seite",
    from: "Von",
    place: "Ort",
    since: "Hier seit",
    pages: "Seiten",
    nobody: "Gerade ist niemand auf der Website. Diese Seite sieht alle 10 Sekunden nach.",
    map: "Wo sie sind",
    direct: "Direkt",
    unknown: "Unbekannter Ort",
    customer: "Kunde",
  },
});
