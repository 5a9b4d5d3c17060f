// Bundles src/main.ts into the one script that websites load, packs it, and holds it to its size.
import { mkdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { gzipAsync } from "@gfx/zopfli";
import { build } from "esbuild";
import { minify } from "terser";
import { chooseNames } from "./names.mjs";

const FOLDER = "../src/footfall/serve/static";
const MAX_GZIPPED_BYTES = 2420;

const bundle = await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2020",
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } }, // saves "use strict"
});
// esbuild minifies fast, terser once more by 4 %
const { code } = await minify(bundle.outputFiles[0].text, {
  ecma: 2020,
  compress: { passes: 3, reduce_funcs: false },
});
// Our names need a scope of their own. A block gives it in fewer bytes than a function does.
const block = code.replace(/^\(\(\)=>\{(.*)\}\)\(\);$/, "{$1}").replaceAll(/\bvar /g, "let ");

const script = Buffer.from(chooseNames(block));
// what the server sends: Zopfli packs tighter than gzip itself, Brotli needs a browser on https
const gzipped = await gzipAsync(script, { numiterations: 100 });
const brotli = brotliCompressSync(script, {
  params: { [constants.BROTLI_PARAM_SIZE_HINT]: script.length },
});

console.log(`main.js: ${gzipped.length} bytes gzipped of ${MAX_GZIPPED_BYTES} allowed, ${brotli.length} by Brotli`);
if (gzipped.length > MAX_GZIPPED_BYTES) {
  console.error(`main.js is ${gzipped.length - MAX_GZIPPED_BYTES} bytes too large: make it smaller`);
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/main.js.gz`, gzipped);
writeFileSync(`${FOLDER}/main.js.br`, brotli);
writeFileSync(`${FOLDER}/main.js`, script); // last: `pip install` takes it for a sign that all is built
