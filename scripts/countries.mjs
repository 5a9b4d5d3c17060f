// Writes src/footfall/model/country.tsv: code, English name, other names, latitude, longitude.
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
const OTHER_NAMES = {
  AE: ["UAE"], BA: ["Bosnia"], BO: ["Bolivia, Plurinational State of"], BN: ["Brunei Darussalam"],
  CD: ["Congo - Kinshasa", "Congo, Democratic Republic of the", "Congo (DRC)"],
  CG: ["Congo - Brazzaville", "Republic of the Congo"], CI: ["Cote d'Ivoire"],
  CV: ["Cabo Verde"], CZ: ["Czech Republic"], FM: ["Federated States of Micronesia"],
  GB: ["UK", "Great Britain", "Britain"], HK: ["Hong Kong SAR China", "Hong Kong SAR"],
  IR: ["Iran, Islamic Republic of"], KP: ["Korea, Democratic People's Republic of"],
  KR: ["Korea", "Korea, Republic of", "Republic of Korea"], LA: ["Lao"],
  MD: ["Republic of Moldova"], MK: ["Macedonia"], MM: ["Myanmar (Burma)", "Burma"],
  MO: ["Macau", "Macao SAR China"], NL: ["The Netherlands", "Holland"],
  PS: ["Palestinian Territories", "State of Palestine"], RU: ["Russian Federation"],
  SY: ["Syrian Arab Republic"], SZ: ["Swaziland"], TL: ["East Timor"], TR: ["Türkiye", "Turkiye"],
  TW: ["Taiwan, Province of China"], TZ: ["United Republic of Tanzania"],
  US: ["USA", "United States of America", "America"], VA: ["Holy See", "Vatican"],
  VE: ["Venezuela, Bolivarian Republic of"], VN: ["Viet Nam"],
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
const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "");
const codes = new Set([...Object.keys(iso.getAlpha2Codes()), "XK"]);

console.log("code\tname\tother_names\tlatitude\tlongitude");
for (const code of [...codes].sort()) {
  const shown = display.of(code);
  const name = NAMES[code] ?? shown.replaceAll(" & ", " and ").replaceAll("St. ", "Saint ").replaceAll("’", "'");
  const place = PLACES[code] ?? middle(shapes.get(code));
  const others = new Set([shown, ...(OTHER_NAMES[code] ?? []), iso.getName(code, "en"), plain(name)]);
  others.delete(name);
  others.delete(undefined);
  console.log([code, name, [...others].join("|"), ...place.map((x) => x.toFixed(1))].join("\t"));
}
