/** Texts of the retention page. */

import { textsIn } from "../text";

export const EN = {
  "lead": "came back with {event} in the k-th week after their first week",
  "leadAny": "came back with any counted event in the k-th week after their first week",
  "weeks": "By week",
  "curve": "Curve",
  "shown": "Shown as",
  "return": "Return: {event}",
  "anyEvent": "any event",
  "who": "Who: {who}",
  "visitors": "visitors",
  "wallets": "wallets",
  "after": "after {n} days or later",
  "of": "{n} of {all, plural, one {# person} other {# people}}",
  "notOver": "nobody's {n}th day is over yet",
  "cookies": "Without cookies a person is a new visitor each day, so they never come back here.",
  "span": "People whose first visit lies in {span}",
  "week": "Week of first visit",
  "people": "People",
  "week0": "Week 0",
  "all": "All, by people",
  "empty": "No week of this period has at least 10 first visits",
  "emptyWhat": "Choose a longer period, or fewer filters.",
  "curveLabel": "Share of people who came back, by week: {points}",
  "point": "week {week} {share}",
  "axis": "week {week}",
  "open": "not over yet",
  "few": "fewer than 10 people",
  "unlisted": "not listed",
  "loading": "loading",
  "fewWhat": "– : fewer than 10 people of this segment came for the first time in this week.",
  "unlistedWhat": "… : the report lists 52 weeks of each segment, and this segment's are newer.",
} as const;

export const say = await textsIn<keyof typeof EN>(EN, () => import("./retention.de"));
