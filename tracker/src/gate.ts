// When the tracker does nothing.

import { host } from "./identity";
import { isOn } from "./script";

const LOCAL_HOST = /^127[.\d]+$|::1]|(^|\.)local(host)?$/;

let isIgnored: boolean | undefined;
try {
  isIgnored = localStorage.flowsery_ignore == "true";
} catch {
  // storage is blocked: nobody can have opted out
}

/** Whether this page must not be recorded: no website, local, framed, automated, opted out. */
export const isClosed = (): boolean | undefined =>
  !/^http/.test(location as unknown as string) ||
  (LOCAL_HOST.test(host) && !isOn("local")) ||
  self != top ||
  navigator.webdriver ||
  isIgnored;
