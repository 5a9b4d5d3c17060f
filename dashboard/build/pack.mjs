// Compresses what Vite has built, and holds the parts of the dashboard to their sizes.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FOLDER = "../src/footfall/serve/static/dashboard";
const COMPRESSED = /\.(js|css|html|svg|json)$/;

/** Largest sizes in bytes, gzipped. `starts` are sources; what they import is included. */
const BUDGETS = [
  { name: "first load", starts: ["index.html", "src/pages/Overview.svelte"], max: 90_000, counts: /\.(js|css)$/ },
  { name: "style sheets of the first load", starts: ["index.html", "src/pages/Overview.svelte"], max: 10_000, counts: /\.css$/ },
  { name: "flow page", starts: ["src/pages/Flow.svelte"], max: 22_000, counts: /\.(js|css)$/ },
  { name: "map's code", starts: ["src/parts/WorldMap.svelte"], max: 14_000, counts: /\.(js|css)$/ },
  { name: "map's shapes", starts: ["src/charts/world.json"], max: 40_000, counts: /\.json$/ },
  { name: "funnel page", starts: ["src/pages/Funnel.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "retention page", starts: ["src/pages/Retention.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "settings", starts: ["src/pages/Settings.svelte"], max: 25_000, counts: /\.(js|css)$/ },
  { name: "set-up", starts: ["src/pages/Setup.svelte"], max: 25_000, counts: /\.(js|css)$/ },
  { name: "font", starts: ["font"], max: 40_000, counts: /\.woff2$/ },
];

const sizes = new Map();
for (const name of readdirSync(FOLDER, { recursive: true })) {
  const file = `${FOLDER}/${name}`;
  if (name.endsWith(".woff2")) sizes.set(name, readFileSync(file).length);
  if (!COMPRESSED.test(name) || name === "manifest.json") continue;
  const plain = readFileSync(file);
  const gzipped = gzipSync(plain, { level: 9 });
  sizes.set(name, gzipped.length);
  writeFileSync(`${file}.gz`, gzipped);
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: parameters }));
}

const manifest = JSON.parse(readFileSync(`${FOLDER}/manifest.json`, "utf8"));

/** The files that a source loads, with everything that it imports at once. */
function filesOf(source, found = new Set()) {
  const entry = manifest[source];
  if (!entry || found.has(entry.file)) return found;
  found.add(entry.file);
  for (const style of entry.css ?? []) found.add(style);
  for (const imported of entry.imports ?? []) filesOf(imported, found);
  return found;
}

const first = filesOf("index.html");
let isTooLarge = false;
for (const { name, starts, max, counts } of BUDGETS) {
  const files = starts[0] === "font"
    ? new Set([...sizes.keys()].filter((file) => file.endsWith(".woff2")))
    : new Set(starts.flatMap((source) => [...filesOf(source)]));
  // a page that is opened later needs only what the first load did not bring
  if (!starts.includes("index.html")) for (const file of first) files.delete(file);
  const size = [...files].filter((file) => counts.test(file)).reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
  if (!size) continue;
  console.log(`${name}: ${size} bytes gzipped of ${max} allowed`);
  if (size > max) {
    console.error(`${name} is ${size - max} bytes too large`);
    isTooLarge = true;
  }
}
process.exit(isTooLarge ? 1 : 0);
