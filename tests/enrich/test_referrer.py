"""Referrers: domains, known sources, the website itself, spam."""

import pytest


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


def test_the_own_domain_is_no_spam_and_no_referral(accept):
    facts = accept(referrer="https://shop.example.com/").facts
    assert (facts.referrer, facts.channel) == ("", "Direct")


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
