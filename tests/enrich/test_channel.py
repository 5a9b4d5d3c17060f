"""The channel table, row by row."""

import msgspec
import pytest

from footfall.enrich import channel as channels
from footfall.model.fact import Facts


def channel_of(campaign: Facts, referrer: str) -> str:
    return channels.channel_of(msgspec.structs.replace(campaign, referrer=referrer))


MEDIA = {
    "Display": "display banner expandable interstitial cpm programmatic",
    "Paid Social": "paid_social paid-social paidsocial social_cpc social_ppc",
    "Video": "video paid_video paid-video paidvideo",
    "Affiliate": "affiliate affiliates partner",
    "Email": "email e-mail e_mail newsletter",
    "SMS": "sms text",
    "Audio": "audio podcast",
    "Paid Search": "cpc ppc retargeting paid paidsearch paid_search sea cpv xcpx ad ads",
    "Organic Search": "organic",
    "Referral": "unheard-of link adsense upload ad-hoc",
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
    assert channel_of(Facts(utm_medium=medium), "") == channel
    assert channel_of(Facts(utm_medium=medium.upper()), "") == channel


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
    assert channel_of(Facts(utm_source=source), "") == channel


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
        ("lumo.proton.me", "AI Assistants"),
        ("console.cloud.google.com", "Referral"),
        ("webmail.example.net", "Email"),
        ("doubleclick.net", "Referral"),
        ("github.com", "Referral"),
        ("partner.org", "Referral"),
        ("", "Direct"),
    ],
)
def test_referrer_decides_without_a_campaign(referrer, channel):
    assert channel_of(Facts(), referrer) == channel


@pytest.mark.parametrize(
    ("campaign", "referrer", "channel"),
    [
        (Facts(utm_medium="cpc", utm_source="facebook"), "", "Paid Social"),
        (Facts(utm_medium="cpc"), "linkedin.com", "Paid Social"),
        (Facts(utm_medium="cpc", utm_source="youtube"), "", "Video"),
        (Facts(utm_medium="cpc", utm_source="google"), "facebook.com", "Paid Search"),
        (Facts(utm_medium="cpc"), "", "Paid Search"),
        (Facts(utm_medium="cpc", utm_source="partner.org"), "facebook.com", "Paid Social"),
        (Facts(click_id="gclid"), "google.com", "Paid Search"),
        (Facts(click_id="gclid"), "", "Paid Search"),
        (Facts(click_id="gbraid"), "", "Paid Search"),
        (Facts(click_id="wbraid"), "", "Paid Search"),
        (Facts(click_id="msclkid"), "bing.com", "Paid Search"),
        (Facts(click_id="dclid"), "", "Paid Search"),
        (Facts(click_id="dclid"), "youtube.com", "Video"),
        (Facts(click_id="gad_source"), "google.com", "Paid Search"),
        (Facts(click_id="gad_source"), "", "Paid Search"),
        (Facts(click_id="yclid"), "yandex.ru", "Paid Search"),
        (Facts(click_id="yclid"), "", "Paid Search"),
        (Facts(click_id="rdt_cid"), "reddit.com", "Organic Social"),
        (Facts(click_id="epik"), "pinterest.com", "Organic Social"),
        (Facts(click_id="sccid"), "", "Direct"),
        (Facts(click_id="igshid"), "instagram.com", "Organic Social"),
        (Facts(utm_medium="ads"), "", "Paid Search"),
        (Facts(utm_medium="ads", utm_source="facebook"), "", "Paid Social"),
        (Facts(utm_medium="ad"), "youtube.com", "Video"),
        (Facts(click_id="gclid"), "youtube.com", "Video"),
        (Facts(click_id="ttclid"), "", "Paid Social"),
        (Facts(click_id="twclid"), "", "Paid Social"),
        (Facts(click_id="li_fat_id"), "google.com", "Paid Social"),
        (Facts(click_id="fbclid"), "facebook.com", "Organic Social"),
        (Facts(click_id="fbclid"), "", "Direct"),
        (Facts(utm_medium="organic"), "facebook.com", "Organic Search"),
        (Facts(utm_medium="social"), "google.com", "Organic Social"),
        (Facts(utm_source="google"), "facebook.com", "Organic Search"),
    ],
)
def test_paid_clicks_and_networks(campaign, referrer, channel):
    assert channel_of(campaign, referrer) == channel


@pytest.mark.parametrize(
    ("campaign", "channel"),
    [
        (Facts(utm_medium="cpm", click_id="gclid"), "Display"),
        (Facts(utm_medium="paid_social", utm_source="mailchimp"), "Paid Social"),
        (Facts(utm_medium="paid_video", utm_source="facebook"), "Video"),
        (Facts(utm_medium="partner", utm_source="newsletter"), "Affiliate"),
        (Facts(utm_medium="cpc", utm_source="mailchimp"), "Email"),
        (Facts(utm_medium="cpc", utm_source="sms"), "SMS"),
        (Facts(utm_medium="podcast", utm_source="spotify", click_id="gclid"), "Audio"),
        (Facts(utm_medium="social", click_id="gclid"), "Paid Search"),
        (Facts(utm_medium="social", utm_source="google"), "Organic Social"),
        (Facts(utm_medium="cpm", utm_source="google_ads"), "Display"),
        (Facts(utm_medium="email", utm_source="google_ads"), "Email"),
        (Facts(utm_medium="paidvideo", utm_source="fb_ads"), "Video"),
        (Facts(utm_medium="social", utm_source="fb_ads"), "Paid Social"),
        (Facts(utm_medium="organic", utm_source="adwords"), "Paid Search"),
    ],
)
def test_the_first_matching_row_wins(campaign, channel):
    assert channel_of(campaign, "") == channel


AD_PLATFORMS = {
    "Paid Search": [
        *("google_ads", "google-ads", "googleads", "google ads", "google.ads", "Google Ads"),
        *("GOOGLE_ADS", "google%20ads", "google_ad", "google_ads_brand", "ads_google", "gads"),
        *("adwords", "googleadwords", "google_adwords", "ads.google.com", "bing_ads", "bingads"),
        *("bing-ads", "microsoft_ads", "Microsoft Advertising", "yandex_direct", "yandexdirect"),
        *("yandex.direct", "yandex_ads", "baidu_ads", "naver-ads", "apple_search_ads"),
        *("applesearchads", "amazon_ads", "criteo", "taboola", "Outbrain", "doubleclick", "dv360"),
        *("adroll", "googleads.g.doubleclick.net", "spotify_ads", "adwords-brand", "gads_de"),
        *("criteo_retargeting", "google_pmax", "taboola+us", "brand.adwords"),
    ],
    "Paid Social": [
        *("facebook_ads", "facebook-ads", "facebookads", "Facebook Ads", "fb_ads", "fb-ads"),
        *("fbads", "fb ads", "FB-Ads", "fb_ad", "meta_ads", "meta-ads", "metaads", "ig_ads"),
        *("instagram-ads", "instagramads", "tiktok_ads", "tiktokads", "tiktok-ads", "tt_ads"),
        *("linkedin_ads", "linkedin-ads", "linkedinads", "li_ads", "twitter_ads", "x_ads", "x-ads"),
        *("reddit_ads", "pinterest_ads", "snapchat_ads", "snap-ads", "quora_ads", "vk_ads"),
        *("telegram_ads", "ads.tiktok.com", "facebook%2Bads", "facebook.ads"),
    ],
    "Video": ["youtube_ads", "youtube-ads", "youtubeads", "YouTube Ads", "yt_ads", "vimeo ads"],
}


@pytest.mark.parametrize(
    ("source", "channel"),
    [(source, channel) for channel, sources in AD_PLATFORMS.items() for source in sources],
)
def test_a_source_that_names_an_ad_platform_is_paid_without_a_medium(source, channel):
    assert channel_of(Facts(utm_source=source), "") == channel
    assert channel_of(Facts(utm_source=source), "partner.org") == channel


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("threads", "Organic Social"),
        ("facebook", "Organic Social"),
        ("google", "Organic Search"),
        ("google.com", "Organic Search"),
        ("youtube", "Video"),
        ("downloads", "Referral"),
        ("leads", "Referral"),
        ("soad", "Referral"),
        ("ads", "Referral"),
        ("roads-and-bridges", "Referral"),
        ("partner_ads", "Referral"),
        ("google_brand", "Referral"),
        ("yandex_direct_mail", "Referral"),
    ],
)
def test_a_source_that_only_looks_like_an_ad_platform_is_not_paid(source, channel):
    assert channel_of(Facts(utm_source=source), "") == channel


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("utm_source=google+ads", "Paid Search"),
        ("utm_source=Google%20Ads", "Paid Search"),
        ("utm_source=fb%2Dads", "Paid Social"),
        ("UTM_SOURCE=FB_ADS", "Paid Social"),
        ("utm_medium=PaidVideo", "Video"),
        ("utm_medium=%20Ads%20", "Paid Search"),
        ("gad_source=1", "Paid Search"),
        ("gad_source=1&gbraid=x", "Paid Search"),
        ("gclid=x&ttclid=y", "Paid Social"),
        ("fbclid=x&gclid=y", "Paid Search"),
        ("fbclid=x&li_fat_id=y", "Paid Social"),
        ("GCLID=x", "Paid Search"),
        ("yclid=1&utm_source=yandex", "Paid Search"),
        ("dclid=", "Direct"),
        ("fbclid=x", "Direct"),
    ],
)
def test_tags_of_an_address_decide(accept, query, channel):
    assert accept(url=f"https://example.com/?{query}").facts.channel == channel


def test_a_click_id_that_an_sdk_remembers_decides(accept):
    facts = accept(tags={"gad_source": "1"}).facts
    assert (facts.channel, facts.click_id) == ("Paid Search", "gad_source")


@pytest.mark.parametrize("tag", ["utm_campaign", "utm_term", "utm_content", "ref", "source", "via"])
def test_any_tag_is_a_referral(tag):
    assert channel_of(Facts(**{tag: "x"}), "") == "Referral"


def test_the_pipeline_puts_referrer_and_campaign_together(accept):
    assert accept(referrer="https://www.google.com/").facts.channel == "Organic Search"
    paid = accept(url="https://example.com/?gclid=x", referrer="https://www.google.com/")
    assert paid.facts.channel == "Paid Search"
    assert accept().facts.channel == "Direct"
