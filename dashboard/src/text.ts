/** Every text of the dashboard. The rules of numbers come from the server. */

import { message, type Values } from "./message";
import { remembered } from "./remembered";

const EN = {
  "brand": "Footfall",
  "nav.reports": "Reports",
  "nav.overview": "Overview",
  "nav.flow": "Flow",
  "nav.funnels": "Funnels",
  "nav.retention": "Retention",
  "nav.visitors": "Visitors",
  "nav.live": "Live",
  "nav.settings": "Settings",
  "nav.share": "Share",
  "nav.websites": "Websites",
  "nav.addWebsite": "Add a website",
  "nav.account": "Account",
  "nav.members": "Members",
  "nav.signout": "Sign out",
  "nav.search": "Search or jump to",
  "nav.switch": "Switch website",
  "nav.skip": "Skip to the numbers",
  "nav.more": "More",

  "theme.label": "Theme",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "theme.system": "As the system",
  "language.label": "Language",

  "bar.now": "now",
  "bar.nowLabel": "{n, plural, one {# visitor now} other {# visitors now}}",
  "bar.filter": "Filter",
  "bar.segments": "Segments",
  "bar.earlier": "Earlier",
  "bar.later": "Later",
  "bar.vs": "vs.",

  "period.today": "Today",
  "period.yesterday": "Yesterday",
  "period.24h": "Last 24 hours",
  "period.7d": "Last 7 days",
  "period.30d": "Last 30 days",
  "period.91d": "Last 91 days",
  "period.month": "This month",
  "period.last-month": "Last month",
  "period.year": "This year",
  "period.12m": "Last 12 months",
  "period.all": "All time",
  "period.custom": "Custom period",
  "period.label": "Period",
  "period.zone": "{zone}",

  "compare.label": "Compare",
  "compare.off": "Off",
  "compare.prev": "Previous period",
  "compare.year": "Last year",
  "compare.custom": "Custom",
  "compare.weekday": "match weekdays",
  "compare.button.off": "no comparison",
  "compare.button.prev": "vs. previous period",
  "compare.button.year": "vs. last year",
  "compare.button.custom": "vs. {span}",
  "compare.legend.prev": "previous period",
  "compare.legend.year": "last year",
  "compare.legend.custom": "comparison",
  "compare.from": "from {value}",
  "compare.before": "{value} in the period before",

  "interval.label": "Interval",
  "interval.hour": "Hour",
  "interval.day": "Day",
  "interval.week": "Week",
  "interval.month": "Month",

  "metric.visitors": "Visitors",
  "metric.sessions": "Sessions",
  "metric.pageviews": "Pageviews",
  "metric.bounce_rate": "Bounce rate",
  "metric.avg_session_duration": "Session duration",
  "metric.avg_engaged_time": "Engaged time",
  "metric.revenue": "Revenue",
  "metric.new_revenue": "New revenue",
  "metric.renewal_revenue": "Renewals",
  "metric.refunded_revenue": "Refunded",
  "metric.refunds": "Refunds",
  "metric.revenue_per_visitor": "Revenue per visitor",
  "metric.conversion_rate": "Conversion rate",
  "metric.kpi_value": "KPI",
  "metric.kpi_conversion_rate": "{name} rate",
  "metric.kpi": "KPI",

  "chart.label": "{metric} and revenue per {interval}",
  "chart.keys": "Arrow keys move from bucket to bucket; Enter selects one",
  "chart.foot.hour": "Click for this hour, drag to zoom",
  "chart.foot.day": "Click for this day, drag to zoom",
  "chart.foot.week": "Click for this week, drag to zoom",
  "chart.foot.month": "Click for this month, drag to zoom",
  "chart.then": "then",
  "chart.vs": "vs. {when}",
  "chart.partial": "not over yet",
  "chart.spoken": "{when}, {value} {metric}",
  "chart.spokenBefore": ", {value} in the period before",
  "chart.empty": "Nobody came in this period",
  "chart.table": "As table",
  "chart.picture": "As picture",
  "chart.when": "When",

  "panel.sources": "Sources",
  "panel.pages": "Pages",
  "panel.places": "Places",
  "panel.technology": "Technology",
  "panel.referrers": "Referrers",
  "panel.goals": "Goals",
  "panel.counted": "What was counted",
  "panel.menu": "{panel}: export and copy",
  "panel.all": "All {n} {things}",
  "panel.allVisitors": "All visitors",
  "panel.exact": "rows add up exactly",
  "panel.unknown": "rows do not add up: {why}",
  "panel.more": "rows add up to {sum}: {why}",
  "panel.less": "rows add up to {sum}: {why}",
  "panel.why.session": "some came by two",
  "panel.why.places": "some were in two",
  "panel.why.technology": "some used two",
  "panel.why.event": "a visitor sees several",
  "panel.why.goal": "a visitor can reach several",
  "panel.why.params": "a visit can have several",
  "panel.why.lack": "not every visit has one",
  "panel.unconverted": "{n, plural, one {# currency has} other {# currencies have}} no exchange rate: {amounts} are not in here",
  "panel.credit": "IP Geolocation by DB-IP",

  "column.visitors": "Visitors",
  "column.share": "Share",
  "column.revenue": "Revenue",
  "column.per_visitor": "Per visitor",
  "column.sessions": "Sessions",
  "column.pageviews": "Pageviews",
  "column.times": "Times",
  "column.rate": "Rate",
  "column.change": "Change",
  "column.bounce_rate": "Bounce rate",
  "column.engaged": "Engaged time",
  "column.conversion": "Conversion",
  "column.sort": "Sort by {column}",

  "dimension.channel": "Channel",
  "dimension.referrer": "Referrer",
  "dimension.campaign": "Campaign",
  "dimension.utm_campaign": "Campaign",
  "dimension.all_params": "UTM",
  "dimension.page": "Page",
  "dimension.entry_page": "Entry",
  "dimension.exit_page": "Exit",
  "dimension.exit_link": "Exit link",
  "dimension.hostname": "Host",
  "dimension.country": "Country",
  "dimension.region": "Region",
  "dimension.city": "City",
  "dimension.language": "Language",
  "dimension.device": "Device",
  "dimension.browser": "Browser",
  "dimension.os": "System",
  "dimension.screen": "Screen",
  "dimension.utm_source": "Source",
  "dimension.utm_medium": "Medium",
  "dimension.utm_term": "Term",
  "dimension.utm_content": "Content",
  "dimension.ref": "Ref",
  "dimension.source": "Source parameter",
  "dimension.via": "Via",
  "dimension.goal": "Goal",
  "dimension.event": "Event",

  "things.channel": "{n, plural, one {channel} other {channels}}",
  "things.referrer": "{n, plural, one {referrer} other {referrers}}",
  "things.campaign": "{n, plural, one {campaign} other {campaigns}}",
  "things.all_params": "{n, plural, one {parameter} other {parameters}}",
  "things.page": "{n, plural, one {page} other {pages}}",
  "things.entry_page": "{n, plural, one {entry page} other {entry pages}}",
  "things.exit_page": "{n, plural, one {exit page} other {exit pages}}",
  "things.exit_link": "{n, plural, one {link} other {links}}",
  "things.hostname": "{n, plural, one {host} other {hosts}}",
  "things.country": "{n, plural, one {country} other {countries}}",
  "things.region": "{n, plural, one {region} other {regions}}",
  "things.city": "{n, plural, one {city} other {cities}}",
  "things.language": "{n, plural, one {language} other {languages}}",
  "things.device": "{n, plural, one {device} other {devices}}",
  "things.browser": "{n, plural, one {browser} other {browsers}}",
  "things.os": "{n, plural, one {system} other {systems}}",
  "things.screen": "{n, plural, one {screen} other {screens}}",
  "things.utm_source": "{n, plural, one {source} other {sources}}",
  "things.ref": "{n, plural, one {value} other {values}}",
  "things.goal": "{n, plural, one {goal} other {goals}}",

  "row.filter": "Filter by {value}",
  "row.not": "is not",
  "row.only": "only this",
  "row.automatic": "automatic",

  "menu.caption": "{things}, this period",
  "menu.csv": "{n, plural, one {CSV, # row} other {CSV, all # rows}}",
  "menu.png": "PNG picture",
  "menu.link": "Link to this panel",
  "menu.curl": "Copy as curl",
  "menu.question": "Copy as MCP question",
  "menu.rule": "How it is counted",
  "menu.copied": "Copied",
  "menu.failed": "The browser does not let this page copy; here it is:",

  "details.close": "Close",

  "operator.is": "is",
  "operator.is_any": "is any of",
  "operator.is_not": "is not",
  "operator.contains": "contains",
  "operator.contains_not": "does not contain",
  "operator.or": "or",
  "chip.remove": "Remove the filter {filter}",
  "bots.in": "with bots",
  "bots.only": "bots only",
  "attribution.first": "first payment source",

  "rule.label": "How {metric} is counted",

  "help.page": "This page",
  "keys.custom": "Custom period",
  "keys.earlier": "Earlier period",
  "keys.later": "Later period",
  "keys.filter": "Filter",
  "keys.compare": "Compare",
  "keys.interval": "Interval",
  "keys.bots": "Bots out, in, only",
  "keys.note": "Add a note",
  "keys.command": "Search or jump to",
  "keys.help": "This list",
  "keys.clear": "Close, then clear filters",

  "state.loading": "Loading",
  "state.error": "This could not be loaded",
  "state.retry": "Retry",
  "state.retryIn": "Tries again in {s} s",
  "state.code": "error {code}",
  "state.request": "request {id}",
  "state.offline": "The server cannot be reached. Is the network there?",
  "state.unreadable": "The server's answer could not be read",
  "state.dropped": "{n, plural, one {The address had a part that has no meaning and was ignored: {names}} other {The address had # parts that have no meaning and were ignored: {names}}}",
  "state.close": "Close",

  "empty.today": "Show today",
  "empty.rows": "Nothing in this period",
  "empty.rowsFiltered": "Nothing in this period with these filters",
  "empty.referrer": "No visit in this period came from another website",
  "empty.campaign": "No visit had a campaign. Add utm_campaign to the links that you share",
  "empty.params": "No visit had a campaign parameter such as utm_source",
  "empty.exit_link": "Nobody clicked a link to another website",
  "empty.goals": "No goals yet. Send one:",
  "empty.places": "The bundled place data know countries only. Set geo_database for regions and cities",

  "foot.days": "Days are {zone}",
  "foot.money": "money is {currency} at the day's ECB rate",
  "foot.keyboard": "Keyboard",
  "foot.numbers": "How numbers are made",
  "foot.api": "API",

  "signin.needed": "Sign in to see this",
  "notFound.title": "There is nothing at this address",
  "notFound.website": "There is no website {domain}, or you may not see it",
  "notFound.back": "All websites",
  "copy": "Copy",
  "copied": "Copied",
} as const;

export type TextKey = keyof typeof EN;
export type Language = "en" | "de";
export type Texts = Record<TextKey, string>;

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

let current: Language = "en";
let shown: Texts = EN;

export function language(): Language {
  return current;
}

/** The language that was chosen, else the browser's if we have it. */
export function preferredLanguage(): Language {
  const chosen = remembered("language");
  if (chosen === "en" || chosen === "de") return chosen;
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

/** Before the first text is shown: other languages than English are loaded. */
export async function useLanguage(wanted: Language): Promise<void> {
  shown = wanted === "de" ? (await import("./text.de")).DE : EN;
  current = wanted;
  if (typeof document !== "undefined") document.documentElement.lang = wanted;
}

export function t(key: TextKey, values: Values = {}): string {
  return message(shown[key], values, current);
}

/** The texts of one page, in both languages: they are loaded with the page and not with every first load. */
export function texts<Key extends string>(both: Record<Language, Record<Key, string>>): (key: Key, values?: Values) => string {
  return (key, values = {}) => message(both[current][key], values, current);
}

/** The same for many texts: of the other languages only the one that is shown is loaded. */
export async function textsIn<Key extends string>(
  en: Record<Key, string>, de: () => Promise<{ DE: Record<Key, string> }>,
): Promise<(key: Key, values?: Values) => string> {
  const chosen = current === "de" ? (await de()).DE : en;
  return (key, values = {}) => message(chosen[key], values, current);
}

/** A text whose name is made at run time; `otherwise` where there is none. */
export function tOr(key: string, otherwise: string, values: Values = {}): string {
  return key in shown ? message(shown[key as TextKey], values, current) : otherwise;
}

export { EN };
