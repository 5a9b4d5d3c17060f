"""The table of known sources."""

import re
from collections import Counter

import pytest

from footfall.model import known_source
from footfall.model.known_source import (
    ad_platform,
    domain_of_name,
    main_domain,
    source_class,
    source_name,
    source_of_host,
    source_of_name,
)

from .conftest import SHARED

LISTS = SHARED / "data" / "matomo"


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Google", "google.com"),
        ("gOOGLE", "google.com"),
        ("ChatGPT", "chatgpt.com"),
        ("X", "x.com"),
        ("Twitter", "x.com"),
        ("Hacker News", "news.ycombinator.com"),
        ("nobody", None),
        ("", None),
    ],
)
def test_names_lead_to_main_domains(name, domain):
    assert domain_of_name(name) == domain


def test_main_domains_have_names_and_classes():
    assert source_name("facebook.com") == "Facebook"
    assert source_class("facebook.com") == "social"
    assert source_name("partner.org") is None
    assert source_class("partner.org") is None


def test_hosts_mean_their_source_in_utm_source():
    assert source_of_name("l.facebook.com").domain == "facebook.com"
    assert source_of_name("partner.org") is None


def test_every_main_domain_is_its_own():
    for domain in known_source._BY_DOMAIN:
        assert main_domain(domain) == domain


def table():
    text = (known_source.resources.files("footfall.model") / "known_source.tsv").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def test_no_name_means_two_sources():
    names = Counter()
    for _, name, _, _, aliases in table():
        names.update(known_source._squeeze(alias) for alias in (name, *aliases.split()))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_host_belongs_to_two_sources():
    hosts = Counter()
    for domain, _, _, further, _ in table():
        hosts.update({host.removeprefix("*.") for host in (domain, *further.split())})
    assert [host for host, count in hosts.items() if count > 1] == []


@pytest.mark.parametrize("label", ["console", "music", "de-shop", "xx1"])
def test_a_further_subdomain_of_a_search_engine_or_mail_is_not_that_source(label):
    parents = {host[2:] for row in table() for host in row[3].split() if host.startswith("*.")}
    for domain, name, kind, further, _ in table():
        if kind not in ("search", "mail"):
            continue
        for host in (domain, *further.split()):
            if host.startswith(("*.", "??.")) or any(host.endswith(p) for p in parents):
                continue
            other = f"{label}.{host.replace('.*', '.de')}"
            assert source_of_host(other) is None, (other, name)


HOSTS = {
    # A search engine is its search hosts …
    "search": """
        google.com www.google.com www.google.de www.google.co.uk google.com.au www.google.cat
        www.google.com.hk images.google.de lens.google.com cse.google.com encrypted.google.com
        news.google.com scholar.google.de syndicatedsearch.goog www.adsensecustomsearchads.com
        com.google.android.googlequicksearchbox www.bing.com cn.bing.com de.bing.com m.bing.com
        www.yahoo.com search.yahoo.com de.search.yahoo.com r.search.yahoo.com
        images.search.yahoo.com search.yahoo.co.jp duckduckgo.com html.duckduckgo.com
        lite.duckduckgo.com yandex.ru
        yandex.com yandex.kz www.yandex.com.tr ya.ru baidu.com m.baidu.com wap.baidu.com
        image.baidu.com www.naver.com m.naver.com search.naver.com m.search.naver.com
        search.daum.net m.search.daum.net www.ecosia.org search.brave.com so.com m.so.com sogou.com
        m.sogou.com www.seznam.cz search.seznam.cz startpage.com s7-eu4.startpage.com
        www.startpage.com eu.startpage.com qwant.com lite.qwant.com kagi.com swisscows.com
        search.aol.com uk.ask.com www.ask.com coccoc.com presearch.com search.marginalia.nu
        suche.t-online.de suche.web.de suche.gmx.net ricerca.virgilio.it szukaj.onet.pl
        websearch.rakuten.co.jp
    """,
    # … and not what else its company has.
    None: """
        accounts.google.com console.cloud.google.com photos.google.com keep.google.com
        business.google.com trends.google.com developers.google.com contacts.google.com
        merchants.google.com earth.google.com fonts.google.com blog.google music.yandex.ru
        disk.yandex.ru market.yandex.ru taxi.yandex.com shopping.naver.com pay.naver.com
        map.naver.com baike.baidu.com wenku.baidu.com map.baidu.com login.aol.com
        blogs.bing.com ads.bing.com help.duckduckgo.com spreadprivacy.com blog.ecosia.org
        brave.com community.brave.com help.kagi.com mapy.seznam.cz cafe.daum.net
        sports.yahoo.com fr.yahoo.com shopping.yahoo.co.jp auctions.yahoo.co.jp maps.qwant.com
        support.startpage.com t-online.de web.de gmx.net rakuten.co.jp softonic.com onet.pl
        free.fr orange.fr google.com.evil.org notgoogle.com google.zip
        developers.facebook.com business.facebook.com ads.tiktok.com ads.reddit.com
        business.linkedin.com careers.linkedin.com about.instagram.com developer.x.com
        studio.youtube.com api.slack.com status.discord.com help.pinterest.com
        platform.openai.com help.openai.com console.x.ai docs.claude.com api-docs.deepseek.com
        proton.me drive.proton.me calendar.proton.me console.aws.amazon.com ada.ghost.io
    """,
    "social": """
        facebook.com m.facebook.com l.facebook.com lm.facebook.com de-de.facebook.com
        web.facebook.com mbasic.facebook.com out.reddit.com old.reddit.com de.linkedin.com
        at.pinterest.com id.pinterest.com www.pinterest.co.uk acme.slack.com t.co mobile.x.com
        teams.cloud.microsoft statics.teams.cdn.office.net groups.google.com messages.google.com
        blog.naver.com tieba.baidu.com chiebukuro.yahoo.co.jp academia.edu www.researchgate.net
        en.fandom.com zalo.me www.wattpad.com slideshare.net gutefrage.net superuser.com
    """,
    "video": """
        youtube.com m.youtube.com music.youtube.com youtu.be player.vimeo.com m.twitch.tv
        v.qq.com vkvideo.ru www.iq.com fast.wistia.net
    """,
    "ai": """
        chatgpt.com chat.openai.com claude.ai www.perplexity.ai gemini.google.com
        notebooklm.google.com copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft
        chat.deepseek.com grok.com chat.mistral.ai meta.ai www.meta.ai poe.com you.com phind.com
        www.kimi.com chat.qwen.ai www.doubao.com lumo.proton.me duck.ai character.ai
        huggingface.co yiyan.baidu.com alice.yandex.ru
    """,
    "mail": """
        mail.google.com com.google.android.gm outlook.live.com outlook.office.com
        outlook.office365.com outlook.cloud.microsoft eur01.safelinks.protection.outlook.com
        nam12.safelinks.protection.outlook.com mail.proton.me app.tuta.com app.fastmail.com
        mail.yahoo.com mail.yahoo.co.jp mail.aol.com www.icloud.com mail.zoho.com mail.zoho.eu
        deref-gmx.net deref-gmx.de deref-web.de deref-mail.com navigator.gmx.net
        bap.navigator.gmx.net 3c.web.de www.mail.com mail.ionos.de email.ionos.com
        email.t-online.de webmail.freenet.de mail.libero.it mail.virgilio.it www.laposte.net
        zimbra.free.fr messagerie.sfr.fr webmail.orange.fr mail01.orange.fr webmail.bluewin.ch
        poczta.wp.pl poczta.onet.pl poczta.o2.pl poczta.interia.pl e.mail.ru mail.yandex.ru
        mail.rambler.ru email.seznam.cz mail.naver.com mail.qq.com mail.163.com mail.126.com
        urldefense.com urldefense.proofpoint.com url.uk.m.mimecastprotect.com
        linkprotect.cudasvc.com com.samsung.android.email.provider connect.xfinity.com
        webmail.cox.net email.uol.com.br mail.terra.com.br email.bt.com
    """,
    "mailing": "mailchi.mp us1.list-manage.com u123.ct.sendgrid.net",
    "ads": "googleads.g.doubleclick.net tpc.googlesyndication.com trc.taboola.com",
    "other": """
        search.google.com translate.google.com docs.google.com www.amazon.de word.cloud.microsoft
    """,
}


@pytest.mark.parametrize(
    ("host", "kind"), [(host, kind) for kind, hosts in HOSTS.items() for host in hosts.split()]
)
def test_a_host_has_the_class_of_what_people_do_there(host, kind):
    assert source_class(main_domain(host)) == kind


@pytest.mark.parametrize("host", HOSTS[None].split())
def test_a_companys_other_hosts_are_values_of_their_own(host):
    assert main_domain(host) == host
    assert main_domain(f"www.{host}") == host


@pytest.mark.parametrize(
    ("host", "domain", "name"),
    [
        ("www.google.de", "google.com", "Google"),
        ("www.google.cat", "google.com", "Google"),
        ("syndicatedsearch.goog", "google.com", "Google"),
        ("images.google.co.uk", "google.com", "Google"),
        ("ya.ru", "yandex.ru", "Yandex"),
        ("m.search.naver.com", "naver.com", "Naver"),
        ("outlook.cloud.microsoft", "outlook.com", "Outlook"),
        ("teams.cloud.microsoft", "teams.microsoft.com", "Microsoft Teams"),
        ("deref-gmx.de", "mail.gmx.net", "GMX Mail"),
        ("mail01.orange.fr", "mail.orange.fr", "Orange Mail"),
        ("lumo.proton.me", "lumo.proton.me", "Lumo"),
        ("mail.proton.me", "mail.proton.me", "Proton Mail"),
        ("ada.carrd.co", "carrd.co", "Carrd"),
        ("ada.bio.link", "bio.link", "Bio Link"),
    ],
)
def test_hosts_of_one_source_are_one_row_with_its_name(host, domain, name):
    assert (main_domain(host), source_name(domain)) == (domain, name)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("webmail.example.net", "mail"),
        ("mail.example.net", "mail"),
        ("webmail12.example.net", "mail"),
        ("roundcube.example.net", "mail"),
        ("deref-example.net", "mail"),
        ("mail.ru", None),
        ("mailbox.example.net", None),
        ("gmail-tips.example.net", None),
    ],
)
def test_web_mail_of_any_provider_is_known_by_its_host(host, kind):
    assert main_domain(host) == host
    assert source_class(host) == kind


@pytest.mark.parametrize(
    "name", ["Hacker News", "hackernews", "hacker-news", "HACKER_NEWS", "hacker%20news"]
)
def test_a_name_is_known_however_its_words_are_joined(name):
    assert source_of_name(name).domain == "news.ycombinator.com"


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("google_ads", "ads.google.com"),
        ("fb-ads", "facebook.com"),
        ("youtube ads", "youtube.com"),
        ("adwords", "ads.google.com"),
        ("criteo", "criteo.com"),
        ("google", None),
        ("threads", None),
        ("", None),
    ],
)
def test_an_ad_platform_is_known_by_its_name(name, domain):
    found = ad_platform(name)
    assert (found.domain if found else None) == domain


def hosts_of(path):
    """Source → hosts of a public list, to measure ours against."""
    if not path.exists():
        pytest.skip(f"needs ../shared/data/matomo/{path.name}")
    hosts, source, is_host = {}, "", True
    for line in path.read_text().splitlines():
        if match := re.match(r"^(\S.*?):$", line):
            source = match[1]
        elif match := re.match(r"\s+(\w+):", line):
            is_host = match[1] == "urls"
        elif (match := re.match(r"\s+- '?([^']+)'?$", line)) and is_host:
            host = match[1].partition("/")[0].replace("{}", "de").lower()
            hosts.setdefault(source, []).append(host)
    return hosts


@pytest.mark.parametrize(
    ("name", "share"),
    [("AIAssistants.yml", 1.0), ("Socials.yml", 0.92), ("SearchEngines.yml", 0.6)],
)
def test_the_table_knows_what_people_would_expect(name, share):
    """Most search engines that the public list has and ours lacks are gone or were directories."""
    sources = hosts_of(LISTS / name)
    known = [s for s, hosts in sources.items() if any(source_of_host(host) for host in hosts)]
    assert len(known) / len(sources) >= share
