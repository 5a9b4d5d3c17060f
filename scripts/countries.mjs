// Writes src/footfall/model/country.tsv: codes, English name, other names, place.
//
// Names are Node's own (CLDR); a place is the middle of a country's largest piece of land on
// the Natural Earth map (public domain). Run it in a folder of its own:
//   npm install world-atlas topojson-client d3-geo i18n-iso-countries
//   node ROOT/scripts/countries.mjs > ROOT/src/footfall/model/country.tsv
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const iso = require("i18n-iso-countries");
const { feature } = require("topojson-client");
const { geoArea, geoCentroid } = await import(pathToFileURL(require.resolve("d3-geo")));
const map = require("world-atlas/countries-50m.json");

// Names as people use them, where CLDR's is another one.
const NAMES = {
  BA: "Bosnia and Herzegovina", CD: "DR Congo", CG: "Congo", CI: "Ivory Coast", HK: "Hong Kong",
  MM: "Myanmar", MO: "Macao", PS: "Palestine", TR: "Turkey", XK: "Kosovo",
};
// Other names in use and those of ISO 3166-1; word order, accents, punctuation, "the", "of" and "and"
// make no difference (src/footfall/model/country.py).
const OTHER_NAMES = {
  AR: ["Argentine Republic"], AX: ["Åland"],
  BA: ["Bosnia"], BN: ["Brunei Darussalam"], BO: ["Plurinational State of Bolivia"],
  BY: ["Byelorussia"], CD: ["Congo - Kinshasa", "Congo (DRC)", "DRC", "Zaire"],
  CG: ["Congo - Brazzaville"], CV: ["Cabo Verde"], CZ: ["Czech Republic"], DM: ["Commonwealth of Dominica"],
  EG: ["Arab Republic of Egypt"], FK: ["Malvinas"], FM: ["Federated States of Micronesia"],
  FR: ["French Republic"], GA: ["Gabonese Republic"], GB: ["UK", "U.K.", "Great Britain", "Britain",
  "England", "Scotland", "Wales", "Northern Ireland", "United Kingdom of Great Britain and Northern Ireland"], GR: ["Hellenic Republic"],
  GY: ["Co-operative Republic of Guyana"], HK: ["Hong Kong SAR China", "Hong Kong SAR",
  "Hong Kong Special Administrative Region of China"], HR: ["Hrvatska"], IE: ["Eire"], IT: ["Italian Republic"],
  KG: ["Kyrgyz Republic"], KN: ["Federation of Saint Christopher and Nevis"],
  KP: ["Democratic People's Republic of Korea", "DPRK"], KR: ["Korea"], LA: ["Lao", "Lao PDR"],
  LB: ["Lebanese Republic"],
  LY: ["Libyan Arab Jamahiriya"], MF: ["Saint Martin (French part)"], MK: ["Macedonia", "FYROM"],
  MM: ["Myanmar (Burma)", "Burma"], MO: ["Macau", "Macao SAR China", "Macao SAR",
  "Macao Special Administrative Region of China"], MX: ["United Mexican States"],
  NL: ["The Netherlands", "Holland"], PS: ["Palestinian Territories", "Palestinian Territory, Occupied"],
  PT: ["Portuguese Republic"], RU: ["Russian Federation"], RW: ["Rwandese Republic"],
  SH: ["Saint Helena, Ascension and Tristan da Cunha"],
  SK: ["Slovak Republic"], CH: ["Swiss Confederation"], SX: ["Sint Maarten (Dutch part)"],
  SY: ["Syrian Arab Republic"], SZ: ["Swaziland"], TG: ["Togolese Republic"], TL: ["East Timor"], TR: ["Türkiye"],
  TW: ["Taiwan, Province of China", "Republic of China", "Taiwan (Republic of China)", "Chinese Taipei"],
  US: ["America"], UY: ["Eastern Republic of Uruguay", "Oriental Republic of Uruguay"],
  VA: ["Holy See", "Vatican"], VE: ["Bolivarian Republic of Venezuela"],
  VI: ["US Virgin Islands", "United States Virgin Islands", "Virgin Islands of the United States"],
  VN: ["Viet Nam"], WS: ["Western Samoa"], XK: ["XKX"],
};
// Parts of other countries on the map, or too small for it: rough places, looked up by hand.
const PLACES = {
  BQ: [12.2, -68.3], BV: [-54.4, 3.4], CC: [-12.2, 96.8], CX: [-10.5, 105.7], GF: [3.9, -53.1],
  GI: [36.1, -5.3], GP: [16.2, -61.5], MQ: [14.6, -61.0], RE: [-21.1, 55.5], SJ: [78.6, 16.5],
  TK: [-9.2, -171.8], TV: [-8.5, 179.2], UM: [19.3, 166.6], XK: [42.6, 20.9], YT: [-12.8, 45.2],
};

function middle(geometry) {
  const pieces = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  const polygons = pieces.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a));
  return geoCentroid(largest).reverse();
}

const shapes = new Map();
for (const { id, geometry } of feature(map, map.objects.countries).features) {
  const code = id && iso.numericToAlpha2(id);
  if (code && !shapes.has(code)) shapes.set(code, geometry);
}
const display = new Intl.DisplayNames(["en"], { type: "region" });
const codes = new Set([...Object.keys(iso.getAlpha2Codes()), "XK"]);

console.log("code\talpha_3\tnumeric\tname\tother_names\tlatitude\tlongitude");
for (const code of [...codes].sort()) {
  const shown = display.of(code);
  const name = NAMES[code] ?? shown.replaceAll(" & ", " and ").replaceAll("St. ", "Saint ").replaceAll("’", "'");
  const place = PLACES[code] ?? middle(shapes.get(code));
  const listed = iso.getName(code, "en", { select: "all" }) ?? [];
  const others = new Set([shown, ...(OTHER_NAMES[code] ?? []), ...listed]);
  if (code === "CD") others.delete("Congo"); // which is CG
  others.delete(name);
  const codes = [code, iso.alpha2ToAlpha3(code) ?? "XKX", iso.alpha2ToNumeric(code) ?? ""];
  console.log([...codes, name, [...others].join("|"), ...place.map((x) => x.toFixed(1))].join("\t"));
}
