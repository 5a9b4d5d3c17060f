// When the tracker keeps out of the way.

import { isOn } from "./script";

const LOCAL_HOST = /^(localhost|127\.[\d.]+|\[::1])$|\.local(host)?$/;

const isIgnored = (): boolean | undefined => {
  try {
    return localStorage.flowsery_ignore == "true";
  } catch {
    // storage is blocked: nobody can have asked
  }
};

/** Whether this page must not be recorded: no website, local, framed, automated, opted out. */
export const isClosed = (): boolean | undefined =>
  !/^http/.test(location.protocol) ||
  (LOCAL_HOST.test(location.hostname) && !isOn("local")) ||
  window != top ||
  navigator.webdriver ||
  isIgnored();
