import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

const SERVER = "http://127.0.0.1:8000";
/** What every page needs, in one file: a dozen small ones compress worse. */
const SHELL = [
  /node_modules\/(svelte|esm-env|clsx)\//,
  /src\/(App|action|dates|filter|format|keys|message|panels|request|router|save|session|state|text)\.(svelte|svelte\.ts|ts)$/,
  /src\/api\//,
  /src\/style\/[a-z]+\.css$/,
  /src\/parts\/(Breakdown|Change|Dialog|Failed|Foot|Icon|Label|Menu|Notice|PanelFrame|PanelMenu|Rows|Shortcuts|Sparkline|Toolbar|TopBar|floating|overlay)\./,
];

/** The overview with its chart, which two segments beside each other use too: in several files it would be larger. */
const OVERVIEW = /(dashboard\/src\/(metrics|context|charts\/line|pages\/Overview|parts\/(Chart|Tiles|Rule))\.(svelte|svelte\.ts|ts)$|node_modules\/uplot\/)/;

/** What flows and funnels share, in one chunk: several small ones are larger. */
const STEPS = /dashboard\/src\/(steps|windows|extra|texts\/control|parts\/(StepButton|ReportMenu)\.svelte)(\.ts)?$/;

/** What every form needs, in one chunk. */
const FORMS = /dashboard\/src\/(form\.svelte|parts\/(Field|FormFoot|Choice)\.svelte)(\.ts)?$/;

/** The overview's files come together with the shell, and not when that has run: most addresses show it, or lead to it. */
const overviewWithShell: Plugin = {
  name: "overview-with-shell",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle }) => Object.values(bundle ?? {})
      .filter(({ fileName, name }) => name?.toLowerCase() === "overview" || /\/overview-[^/]*\.css$/.test(fileName))
      .map(({ fileName }): HtmlTagDescriptor => ({
        tag: "link", injectTo: "head",
        attrs: { rel: fileName.endsWith(".css") ? "stylesheet" : "modulepreload", crossorigin: true, href: `/${fileName}` },
      })),
  },
};

export default defineConfig({
  plugins: [svelte(), overviewWithShell],
  build: {
    outDir: "../src/footfall/serve/static/dashboard",
    emptyOutDir: true,
    // a picture inside a script or a style sheet would be sent with every first load
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    target: "es2022",
    rolldownOptions: {
      output: {
        advancedChunks: {
          groups: [
            { name: "shell", test: (id) => SHELL.some((each) => each.test(id.split("?")[0]!)) },
            { name: "forms", test: (id) => FORMS.test(id.split("?")[0]!) },
            { name: "overview", test: (id) => OVERVIEW.test(id.split("?")[0]!) },
            { name: "steps", test: (id) => STEPS.test(id.split("?")[0]!) },
          ],
        },
      },
    },
  },
  // `npm run dev` shows the data of a server that runs beside it
  server: {
    proxy: Object.fromEntries(
      ["/api", "/analytics", "/openapi.json", "/llms.txt", "/js"].map((path) => [path, SERVER]),
    ),
  },
});
