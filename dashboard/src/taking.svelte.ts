/** What a menu lets people take away: texts to the clipboard, rows as a file. Shown by `parts/Taken.svelte`. */
import { client, type Request } from "./api/client";
import { saveAs } from "./save";
import { t } from "./text";

const DONE_MS = 1_600;

export class Taking {
  /** Said for a moment after a text was copied. */
  message = $state("");
  /** A text that could not be copied, to be copied by hand. */
  uncopied = $state("");
  /** Why a file could not be made. */
  failed = $state("");

  async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.message = t("menu.copied");
      setTimeout(() => (this.message = ""), DONE_MS);
    } catch {
      this.uncopied = text; // without TLS, or where the browser does not allow it
    }
  }

  /** All rows as the server writes them, with formula characters made harmless. */
  async csv(request: Request, name: string): Promise<void> {
    const result = await client.file(request, "text/csv");
    if (result.ok) saveAs(result.data, `${name}.csv`);
    else this.failed = result.error.message || t("state.offline");
  }
}
