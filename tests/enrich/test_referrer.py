"""Referrers: domains, known sources, the website itself, spam."""

import msgspec
import pytest

from footfall.enrich import return_host

from .conftest import WEBSITE


@pytest.mark.parametrize(
    ("referrer", "domain"),
    [
        ("", ""),
        ("https://blog.example.net/a?b=c", "blog.example.net"),
        ("https://www.partner.org/", "partner.org"),
        ("partner.org", "partner.org"),
        ("https://PARTNER.org.:443/x", "partner.org"),
        ("https://user:pw@partner.org/", "partner.org"),
        ("https://l.facebook.com/l.php?u=x", "facebook.com"),
        ("https://lm.facebook.com/", "facebook.com"),
        ("https://www.google.de/", "google.com"),
        ("https://www.google.co.uk/search?q=x", "google.com"),
        ("https://console.cloud.google.com/", "console.cloud.google.com"),
        ("https://business.google.com/", "business.google.com"),
        ("https://news.google.com/", "news.google.com"),
        ("https://out.reddit.com/x", "reddit.com"),
        ("https://t.co/abc", "x.com"),
        ("https://twitter.com/a", "x.com"),
        ("https://r.search.yahoo.com/", "yahoo.com"),
        ("https://finance.yahoo.com/", "finance.yahoo.com"),
        ("https://chat.openai.com/", "chatgpt.com"),
        ("android-app://com.google.android.gm/", "mail.google.com"),
        ("android-app://com.google.android.gm", "mail.google.com"),
        ("android-app://com.reddit.frontpage/x", "reddit.com"),
        ("android-app://com.google.android.googlequicksearchbox/", "google.com"),
        ("android-app://org.unknown.app/", "org.unknown.app"),
        ("https://google.com.evil.org/", "google.com.evil.org"),
        ("https://notgoogle.com/", "notgoogle.com"),
        ("http://192.0.2.9:8080/", "192.0.2.9"),
        ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("https://example.com/other", ""),
        ("https://blog.example.com/", ""),
        ("http://localhost:3000/", ""),
        ("http://127.0.0.1/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("about:client", ""),
        ("https://<script>/", ""),
        ("https://", ""),
    ],
)
def test_referrer_is_the_main_domain_that_sent_the_visit(accept, referrer, domain):
    assert accept(referrer=referrer).facts.referrer == domain


def test_the_own_domain_is_neither_spam_nor_a_referral(accept):
    facts = accept(referrer="https://shop.example.com/").facts
    assert (facts.referrer, facts.channel) == ("", "Direct")


RETURNS = """
checkout.stripe.com buy.stripe.com billing.stripe.com hooks.stripe.com paypal.com www.paypal.com
www.sandbox.paypal.com pay.klarna.com checkoutshopper-live.adyen.com www.mollie.com pay.mollie.com
squareup.com checkout.square.site assets.braintreegateway.com secure.worldpay.com buy.paddle.com
shop.lemonsqueezy.com app.gumroad.com portal.afterpay.com www.affirm.com api.razorpay.com
secure.payu.com customer.paysafecard.com www.sofort.com pay.ideal.nl pay.amazon.com pay.amazon.de
shop.app pay.shopify.com checkout.shopify.com pay.google.com centinelapi.cardinalcommerce.com
secure5.arcot.com acs2.3dsecure.no accounts.google.com accounts.google.de accounts.google.co.uk
appleid.apple.com id.apple.com login.microsoftonline.com login.live.com contoso.b2clogin.com
acme.auth0.com acme.eu.auth0.com acme.okta.com acme.auth.eu-central-1.amazoncognito.com
clever-bird-7.accounts.dev login.yahoo.com login.aol.com passport.yandex.ru nid.naver.com
kauth.kakao.com access.line.me id.vk.com login.salesforce.com acme.onelogin.com bankid.com
www.digid.nl app.franceconnect.gouv.fr www.signin.service.gov.uk 3ds.my-bank.de
3dsecure.my-bank.com 3ds2.my-bank.at 3ds-acs.my-bank.fr login.openathens.net ideal.ing.nl
3ds.my-bank.co.uk 3dsecure.cards.my-bank.com www.mercadopago.com.br checkout.mercadopago.com.ar
secure.pay.amazon.co.jp api.id.me checkout.tamara.co checkout.zip.co
"""


@pytest.mark.parametrize("host", RETURNS.split())
def test_a_payment_or_sign_in_page_is_not_a_referrer(accept, host):
    facts = accept(referrer=f"https://{host}/back?session=1").facts
    assert (facts.referrer, facts.referrer_url, facts.channel) == ("", "", "Direct")


def test_the_list_has_no_entry_that_cannot_match():
    for entry in return_host._ENTRIES:
        host = entry.removeprefix("*.").replace(".*", ".de")
        assert return_host.is_return_host(f"x.{host}" if entry.startswith("*.") else host), entry
    assert len(set(return_host._ENTRIES)) == len(return_host._ENTRIES)


def test_a_payment_app_is_not_a_referrer(accept):
    assert accept(referrer="android-app://com.paypal.android.p2pmobile/").facts.referrer == ""


@pytest.mark.parametrize(
    "host",
    [
        *("stripe.com", "docs.stripe.com", "developer.paypal.com", "klarna.com", "auth0.com"),
        *("community.auth0.com", "okta.com", "developer.okta.com", "github.com", "apple.com"),
        *("checkout.stripe.com.evil.org", "notpaypal.com", "checkout.partner.org"),
        *("3dstudio.partner.org", "3ds.com", "blog.3ds.com", "3ds.hacks.guide"),
        *("marketplace.auth0.com", "partners.adyen.com", "docs.mercadopago.com.ar"),
        # directories of shops: people come from them to buy
        *("shop.id.me", "tamara.co", "zip.co", "atome.sg"),
    ],
)
def test_a_vendors_own_site_and_lookalikes_are_referrers(accept, host):
    assert accept(referrer=f"https://{host}/").facts.referrer == host


def test_a_page_that_line_opens_comes_from_line(accept):
    facts = accept(referrer="https://liff.line.me/1234-abcd").facts
    assert (facts.referrer, facts.channel) == ("line.me", "Organic Social")


def test_a_tagged_return_keeps_its_tags(accept):
    facts = accept(
        url="https://example.com/?utm_source=newsletter", referrer="https://checkout.stripe.com/"
    ).facts
    assert (facts.referrer, facts.utm_source, facts.channel) == ("", "newsletter", "Email")


def test_a_website_has_further_payment_pages(accept):
    website = msgspec.structs.replace(WEBSITE, return_hostnames=("pay.bank.example",))
    for host in ("pay.bank.example", "www.pay.bank.example", "3ds.pay.bank.example"):
        assert accept(website, referrer=f"https://{host}/").facts.referrer == ""
    for host in ("bank.example", "xpay.bank.example"):
        assert accept(website, referrer=f"https://{host}/").facts.referrer == host


@pytest.mark.parametrize("host", ["semalt.com", "bot7.semalt.com", "buttons-for-website.com"])
def test_known_referrer_spam_is_dropped(drop, host):
    assert drop(referrer=f"http://{host}/x").reason == "spam_referrer"


@pytest.mark.parametrize(
    ("referrer", "address"),
    [
        ("", ""),
        ("https://Blog.example.NET/A/b?c=d#e", "https://blog.example.net/A/b"),
        ("https://www.partner.org", "https://www.partner.org/"),
        ("partner.org/x", "partner.org/x"),
        ("https://user:pw@partner.org:8443/", "https://partner.org/"),
        ("https://partner.org/%C3%BCber", "https://partner.org/über"),
        ("https://partner.org/a%0Ab", "https://partner.org/a b"),
        ("https://partner.org/a;token=abc", "https://partner.org/a;token=***"),
        ("https://t.org/to/https%3A%2F%2Fa.b%2F%3Femail%3Da%40b.c", "https://t.org/to/https://a.b/?email=***"),
        ("android-app://com.reddit.frontpage/x", "android-app://com.reddit.frontpage/x"),
        ("https://example.com/other", ""),
        ("https://blog.example.com/", ""),
        ("http://localhost:3000/a", ""),
        ("javascript:alert(1)", ""),
        ("ftp://partner.org/", ""),
    ],
)  # fmt: skip
def test_the_referrers_address_is_kept_without_query_fragment_and_secrets(
    accept, referrer, address
):
    assert accept(referrer=referrer).facts.referrer_url == address
