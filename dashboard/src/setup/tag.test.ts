import { describe, expect, it } from "vitest";
import { addressOf, currencyOf, hostIn, isLocal, KINDS, pieces, tagText } from "./tag";

const OPTIONS = {
  trackingId: "flid_abc", domain: "shop.example", origin: "https://stats.example",
  hasCookies: true, hasHash: false, countsLocal: false,
};

describe("the tag", () => {
  it("is one line of HTML with the id and the server's script", () => {
    expect(tagText("html", OPTIONS).replace(/\s+/g, " ")).toBe(
      '<script defer data-fl-website-id="flid_abc" src="https://stats.example/js/main.js"></script>',
    );
  });

  it("has an attribute for each option", () => {
    const text = tagText("html", { ...OPTIONS, hasCookies: false, hasHash: true, countsLocal: true });
    expect(text).toContain(" data-cookieless data-hash data-local");
  });

  it.each(KINDS)("of kind %s names the website and the server", (kind) => {
    expect(tagText(kind, OPTIONS)).toContain("flid_abc");
    expect(tagText(kind, OPTIONS)).toContain("https://stats.example/");
  });

  it.each(KINDS)("of kind %s is the same in pieces", (kind) => {
    expect(pieces(tagText(kind, OPTIONS)).map(({ text }) => text).join("")).toBe(tagText(kind, OPTIONS));
  });
});

describe("a host", () => {
  it.each(["localhost", "shop.localhost", "shop.local", "127.0.0.1", "[::1]"])("%s is one's own computer", (host) => {
    expect(isLocal(host)).toBe(true);
    expect(addressOf(host)).toBe(`http://${host}/`);
  });
  it.each(["shop.example", "localhost.example", "mylocalhost", "127.example"])("%s is not", (host) => {
    expect(isLocal(host)).toBe(false);
    expect(addressOf(host)).toBe(`https://${host}/`);
  });
});

describe("a website's host", () => {
  it.each([
    ["shop.example", "shop.example"], [" https://Shop.Example/prices?x=1 ", "shop.example"],
    ["shop.example:8080/a", "shop.example"], ["http://[::1]/", "[::1]"], ["not a host", "not a host"], ["", ""],
  ])("in %j is %j", (text, host) => expect(hostIn(text)).toBe(host));
});

describe("the first currency", () => {
  it.each([
    ["Europe/Berlin", "en-US", "EUR"], ["Europe/London", "de-DE", "GBP"], ["America/New_York", "en-US", "USD"],
    ["America/Toronto", "en-CA", "CAD"], ["UTC", "de-AT", "EUR"], ["Asia/Kathmandu", "ne-NP", "USD"], ["", "en", "USD"],
  ])("in %s for %s is %s", (zone, language, currency) => expect(currencyOf(zone, language)).toBe(currency));
});
