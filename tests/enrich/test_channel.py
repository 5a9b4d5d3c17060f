"""The channel table, row by row."""

import pytest

from footfall.enrich.campaign_tag import Campaign
from footfall.enrich.channel import channel_of

MEDIA = {
    "Display": "display banner expandable interstitial cpm programmatic",
    "Paid Social": "paid_social paid-social paidsocial social_cpc social_ppc",
    "Video": "video paid_video",
    "Affiliate": "affiliate affiliates partner",
    "Email": "email e-mail e_mail newsletter",
    "SMS": "sms text",
    "Audio": "audio podcast",
    "Paid Search": "cpc ppc retargeting paid paidsearch paid_search sea cpv xcpx",
    "Organic Search": "organic",
    "Referral": "unheard-of link",
}


@pytest.mark.parametrize(
    ("medium", "channel"),
    [(medium, channel) for channel, media in MEDIA.items() for medium in media.split()]
    + [
        (medium, "Organic Social")
        for medium in (
            "social",
            "social-network",
            "social-media",
            "social network",
            "social media",
            "sm",
        )
    ],
)
def test_medium_decides(medium, channel):
    assert channel_of(Campaign(utm_medium=medium), "") == channel
    assert channel_of(Campaign(utm_medium=medium.upper()), "") == channel


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("mailchimp", "Email"),
        ("SendGrid", "Email"),
        ("klaviyo", "Email"),
        ("hubspot", "Email"),
        ("mailerlite", "Email"),
        ("convertkit", "Email"),
        ("brevo", "Email"),
        ("email", "Email"),
        ("newsletter", "Email"),
        ("sms", "SMS"),
        ("google", "Organic Search"),
        ("google.com", "Organic Search"),
        ("www.google.de", "Organic Search"),
        ("DuckDuckGo", "Organic Search"),
        ("fb", "Organic Social"),
        ("ig", "Organic Social"),
        ("twitter", "Organic Social"),
        ("youtube", "Video"),
        ("chatgpt.com", "AI Assistants"),
        ("perplexity", "AI Assistants"),
        ("gmail", "Email"),
        ("github", "Referral"),
        ("my-blog", "Referral"),
    ],
)
def test_source_decides_where_no_medium_does(source, channel):
    assert channel_of(Campaign(utm_source=source), "") == channel


@pytest.mark.parametrize(
    ("referrer", "channel"),
    [
        ("chatgpt.com", "AI Assistants"),
        ("gemini.google.com", "AI Assistants"),
        ("google.com", "Organic Search"),
        ("facebook.com", "Organic Social"),
        ("reddit.com", "Organic Social"),
        ("youtube.com", "Video"),
        ("mail.google.com", "Email"),
        ("mailchimp.com", "Email"),
        ("github.com", "Referral"),
        ("partner.org", "Referral"),
        ("", "Direct"),
    ],
)
def test_referrer_decides_without_a_campaign(referrer, channel):
    assert channel_of(Campaign(), referrer) == channel


@pytest.mark.parametrize(
    ("campaign", "referrer", "channel"),
    [
        (Campaign(utm_medium="cpc", utm_source="facebook"), "", "Paid Social"),
        (Campaign(utm_medium="cpc"), "linkedin.com", "Paid Social"),
        (Campaign(utm_medium="cpc", utm_source="youtube"), "", "Video"),
        (Campaign(utm_medium="cpc", utm_source="google"), "facebook.com", "Paid Search"),
        (Campaign(utm_medium="cpc"), "", "Paid Search"),
        (Campaign(utm_medium="cpc", utm_source="partner.org"), "facebook.com", "Paid Social"),
        (Campaign(click_id="gclid"), "google.com", "Paid Search"),
        (Campaign(click_id="gclid"), "", "Paid Search"),
        (Campaign(click_id="gbraid"), "", "Paid Search"),
        (Campaign(click_id="wbraid"), "", "Paid Search"),
        (Campaign(click_id="msclkid"), "bing.com", "Paid Search"),
        (Campaign(click_id="gclid"), "youtube.com", "Video"),
        (Campaign(click_id="ttclid"), "", "Paid Social"),
        (Campaign(click_id="twclid"), "", "Paid Social"),
        (Campaign(click_id="li_fat_id"), "google.com", "Paid Social"),
        (Campaign(click_id="fbclid"), "facebook.com", "Organic Social"),
        (Campaign(click_id="fbclid"), "", "Direct"),
        (Campaign(utm_medium="organic"), "facebook.com", "Organic Search"),
        (Campaign(utm_medium="social"), "google.com", "Organic Social"),
        (Campaign(utm_source="google"), "facebook.com", "Organic Search"),
    ],
)
def test_paid_clicks_and_networks(campaign, referrer, channel):
    assert channel_of(campaign, referrer) == channel


@pytest.mark.parametrize(
    ("campaign", "channel"),
    [
        (Campaign(utm_medium="cpm", click_id="gclid"), "Display"),
        (Campaign(utm_medium="paid_social", utm_source="mailchimp"), "Paid Social"),
        (Campaign(utm_medium="paid_video", utm_source="facebook"), "Video"),
        (Campaign(utm_medium="partner", utm_source="newsletter"), "Affiliate"),
        (Campaign(utm_medium="cpc", utm_source="mailchimp"), "Email"),
        (Campaign(utm_medium="cpc", utm_source="sms"), "SMS"),
        (Campaign(utm_medium="podcast", utm_source="spotify", click_id="gclid"), "Audio"),
        (Campaign(utm_medium="social", click_id="gclid"), "Paid Search"),
        (Campaign(utm_medium="social", utm_source="google"), "Organic Social"),
    ],
)
def test_the_first_matching_row_wins(campaign, channel):
    assert channel_of(campaign, "") == channel


@pytest.mark.parametrize("tag", ["utm_campaign", "utm_term", "utm_content", "ref", "source", "via"])
def test_any_tag_is_a_referral(tag):
    assert channel_of(Campaign(**{tag: "x"}), "") == "Referral"


def test_the_pipeline_puts_referrer_and_campaign_together(accept):
    assert accept(referrer="https://www.google.com/").facts.channel == "Organic Search"
    paid = accept(url="https://example.com/?gclid=x", referrer="https://www.google.com/")
    assert paid.facts.channel == "Paid Search"
    assert accept().facts.channel == "Direct"
