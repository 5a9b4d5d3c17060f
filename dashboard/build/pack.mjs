// Compresses what Vite has built, and holds the parts of the dashboard to their sizes.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

import { gzipAsync } from "@gfx/zopfli";

const FOLDER = "../src/footfall/serve/static/dashboard";
const COMPRESSED = /\.(js|css|html|svg|json)$/;

/** The shell, and the overview with the parts that all reports share. */
const FIRST = ["index.html", "src/pages/Overview.svelte"];

/** Largest sizes in bytes, gzipped, with everything that a source imports at once; a page's are what the first load lacks. */
const BUDGETS = [
  { name: "first load", sources: FIRST, max: 90_000, counts: /\.(js|css)$/ },
  { name: "its style sheets", sources: FIRST, max: 10_000, counts: /\.css$/ },
  { name: "flow", sources: ["src/pages/Flow.svelte"], max: 22_000, counts: /\.(js|css)$/ },
  { name: "funnel", sources: ["src/pages/Funnel.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "retention", sources: ["src/pages/Retention.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "visitors", sources: ["src/pages/Visitors.svelte", "src/pages/Visitor.svelte"], max: 24_000, counts: /\.(js|css)$/ },
  { name: "set-up", sources: ["src/pages/Setup.svelte"], max: 25_000, counts: /\.(js|css)$/ },
  // one section is open at a time: each is measured with the page around it
  ...readdirSync("src/pages/settings").map((file) => (
    { name: `settings, ${file.replace(".svelte", "").toLowerCase()}`, sources: ["src/pages/Settings.svelte", `src/pages/settings/${file}`], max: 25_000, counts: /\.(js|css)$/ }
  )),
  { name: "sign-in", sources: ["src/pages/SignIn.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "account", sources: ["src/pages/Account.svelte"], max: 22_000, counts: /\.(js|css)$/ },
  { name: "audit", sources: ["src/pages/Audit.svelte"], max: 10_000, counts: /\.(js|css)$/ },
  { name: "members", sources: ["src/pages/Members.svelte"], max: 12_000, counts: /\.(js|css)$/ },
  { name: "invitation", sources: ["src/pages/Invite.svelte"], max: 8_000, counts: /\.(js|css)$/ },
  { name: "share link", sources: ["src/pages/Share.svelte", "src/parts/ShareBar.svelte"], max: 8_000, counts: /\.(js|css)$/ },
  { name: "map", sources: ["src/parts/WorldMap.svelte"], max: 24_000, counts: /\.(js|css)$/ },
  { name: "font", sources: ["src/style/inter.woff2"], max: 40_000, counts: /\.woff2$/ },
];

const sizes = new Map();
for (const name of readdirSync(FOLDER, { recursive: true })) {
  const file = `${FOLDER}/${name}`;
  if (name.endsWith(".woff2")) sizes.set(name, readFileSync(file).length);
  if (!COMPRESSED.test(name) || name === "manifest.json") continue;
  const plain = readFileSync(file);
  // gzip itself leaves these files 4 % larger; without TLS, a browser does not accept Brotli
  const gzipped = await gzipAsync(plain, {});
  sizes.set(name, gzipped.length);
  writeFileSync(`${file}.gz`, gzipped);
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: parameters }));
}

const manifest = JSON.parse(readFileSync(`${FOLDER}/manifest.json`, "utf8"));

/** The files that a source loads, with everything that it imports at once. */
function filesOf(source, found = new Set()) {
  const entry = manifest[source];
  if (!entry) throw new Error(`${source} is not in what was built: correct BUDGETS in build/pack.mjs`);
  if (found.has(entry.file)) return found;
  found.add(entry.file);
  for (const style of entry.css ?? []) found.add(style);
  for (const imported of entry.imports ?? []) filesOf(imported, found);
  return found;
}

const first = new Set(FIRST.flatMap((source) => [...filesOf(source)]));
let isTooLarge = false;
for (const { name, sources, max, counts } of BUDGETS) {
  const files = new Set(sources.flatMap((source) => [...filesOf(source)]));
  if (sources !== FIRST) for (const file of first) files.delete(file);
  const size = [...files].filter((file) => counts.test(file)).reduce((sum, file) => sum + sizes.get(file), 0);
  console.log(`${name}: ${size} bytes gzipped of ${max} allowed`);
  if (!size || size > max) {
    console.error(size ? `${name}: ${size - max} bytes too large` : `${name}: nothing was measured`);
    isTooLarge = true;
  }
}
process.exit(isTooLarge ? 1 : 0);
