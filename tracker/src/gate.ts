// When the tracker does nothing.

import { host } from "./identity";
import { isOn } from "./script";

const LOCAL_HOST = /^127[.\d]+$|::1]|(^|\.)local(host)?$/;

/** Whether this page must not be recorded: no website, local, framed or automated. */
export const isClosed = (): boolean =>
  !/^http/.test(location as unknown as string) ||
  (LOCAL_HOST.test(host) && !isOn("local")) ||
  self != top ||
  navigator.webdriver;
