"""Tags that a browser does not name to the script, and tags that are wrong."""

import pytest
from browser import WEBSITE_ID, RecordingSite, page
from playwright.sync_api import Page

ID = f'data-fl-website-id="{WEBSITE_ID}"'
EVALUATE = "fetch('/js/main.js').then(reply => reply.text()).then(text => (0, eval)(text))"
INSERT = "const tag = document.createElement('script'); {}; document.head.append(tag)"

TAGS = {
    "a module": f'<script type="module" {ID} src="/js/main.js"></script>',
    "an import in a tag of its own": f'<script type="module" {ID}>import("/js/main.js")</script>',
    "a static import": f'<script type="module" {ID}>import "/js/main.js"</script>',
    "fetched and evaluated": f"<script {ID}>{EVALUATE}</script>",
    "evaluated, blocked until now": (
        f'<script type="text/plain" {ID} src="/js/main.js"></script><script>{EVALUATE}</script>'
    ),
    "inserted": "<script>"
    + INSERT.format(f"tag.dataset.flWebsiteId = '{WEBSITE_ID}'; tag.src = '/js/main.js'")
    + "</script>",
    "inserted, and removed at once": "<script>"
    + INSERT.format(f"tag.dataset.flWebsiteId = '{WEBSITE_ID}'; tag.src = '/js/main.js'")
    + "; tag.remove()</script>",
    "attributes on another element": (
        f'<meta {ID} data-api="/events"><script async src="/js/main.js"></script>'
    ),
    "the id in the query": f'<script async src="/js/main.js?{WEBSITE_ID}"></script>',
    "the id after another parameter": f'<script defer src="/js/main.js?v=2&{WEBSITE_ID}"></script>',
    "the id in the fragment": f'<script defer src="/js/main.js#{WEBSITE_ID}"></script>',
    "a script of another name": f'<script defer {ID} src="/js/copy-main.js"></script>',
}


def say(tab: Page) -> list[str]:
    """What the tracker says in the console, from now on."""
    said: list[str] = []
    tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: said.append(f"thrown: {error}"))
    return said


@pytest.mark.sample(4)
@pytest.mark.parametrize("tag", TAGS)
def test_the_tag_is_found(site: RecordingSite, tab: Page, tag: str) -> None:
    said = say(tab)
    site.pages["/"] = page(head=TAGS[tag])
    tab.goto(site.url())
    (event,) = site.wait_for("page")
    assert event["websiteId"] == WEBSITE_ID
    assert [post.path for post in site.posts] == ["/events"]
    assert not [text for text in said if "data-fl" in text or text.startswith("thrown")]


def test_a_tag_with_its_id_in_the_address_keeps_its_other_attributes(
    site: RecordingSite, tab: Page
) -> None:
    site.pages["/"] = page(
        head=f'<script defer data-cookieless data-api="/e" src="/js/main.js?{WEBSITE_ID}"></script>'
    )
    tab.goto(site.url())
    (event,) = site.wait_for("page")
    assert event["cookieless"] is True
    assert site.posts[0].path == "/e"


def test_an_element_without_an_address_posts_to_the_pages_own_host(
    site: RecordingSite, tab: Page
) -> None:
    site.pages["/blog/post"] = page(
        head=f'<base href="http://other.test/x/"><meta {ID}><script>'
        + EVALUATE.replace("/js/main.js", site.url("/js/main.js"))
        + "</script>"
    )
    tab.goto(site.url("/blog/post"))
    site.wait_for("page")
    assert [(post.host, post.path) for post in site.posts] == [("shop.test", "/events")]


def test_a_module_of_another_host_posts_there(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(
        head=f'<script defer {ID} src="{site.url("/stats/js/main.js", "stats.test")}"></script>'
    )
    tab.goto(site.url())
    site.wait_for("page")
    assert [(post.host, post.path) for post in site.posts] == [("stats.test", "/stats/events")]


def test_of_several_tags_the_running_one_is_taken(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(
        head=f'<script type="text/plain" data-fl-website-id="flid_other" src="/x/js/main.js">'
        f'</script><script defer {ID} src="/js/main.js"></script>'
    )
    tab.goto(site.url())
    (event,) = site.wait_for("page")
    assert event["websiteId"] == WEBSITE_ID
    assert site.posts[0].path == "/events"


WRONG = {
    "no attribute": '<script defer src="/js/main.js"></script>',
    "an empty attribute": '<script defer data-fl-website-id="" src="/js/main.js"></script>',
    "a domain": '<script defer data-fl-website-id="shop.test" src="/js/main.js"></script>',
    "a token": '<script defer data-fl-website-id="flow_abc" src="/js/main.js"></script>',
    "quotes in it": "<script defer data-fl-website-id='\"flid_a\"' src='/js/main.js'></script>",
    "a module without": '<script type="module" src="/js/main.js"></script>',
    "an import without": '<script type="module">void import("/js/main.js")</script>',
    "evaluated without": f"<script>{EVALUATE}</script>",
}


@pytest.mark.parametrize("tag", WRONG)
def test_a_tag_without_a_valid_id_is_reported_once(
    site: RecordingSite, tab: Page, tag: str
) -> None:
    said = say(tab)
    site.pages["/"] = page(head=WRONG[tag])
    tab.goto(site.url())
    tab.wait_for_load_state("networkidle")
    assert [text for text in said if "404" not in text] == [
        'error: Footfall needs data-fl-website-id="flid_..."'
    ]
    assert not site.posts
    assert tab.evaluate("typeof window.flowsery") == "undefined"
