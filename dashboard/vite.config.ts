import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/footfall/serve/static/dashboard",
    emptyOutDir: true,
    // a picture inside a script or a style sheet would be sent with every first load
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    target: "es2022",
  },
  // `npm run dev` shows the data of a server that runs beside it
  server: {
    proxy: Object.fromEntries(
      ["/api", "/analytics", "/openapi.json", "/llms.txt", "/js"].map((path) => [path, SERVER]),
    ),
  },
});
