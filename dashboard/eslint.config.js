import svelte from "eslint-plugin-svelte";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig([
  globalIgnores(["node_modules", "src/api/schema.d.ts"]),
  tseslint.configs.recommended,
  svelte.configs.recommended,
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // ours are filled where they are made, and not changed afterwards
      "svelte/prefer-svelte-reactivity": "off",
      // texts that visitors choose are shown as text, always
      "svelte/no-at-html-tags": "error",
      // our router takes plain links
      "svelte/no-navigation-without-resolve": "off",
    },
  },
  { files: ["build/**"], rules: { "no-console": "off" } },
]);
