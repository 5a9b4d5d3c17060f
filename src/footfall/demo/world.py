"""The demo's world: who comes, with what, from where, and what there is to see."""

from typing import NamedTuple

DOMAIN = "demo.example"
NAME = "Demo shop"
TIMEZONE = "Europe/Berlin"
CURRENCY = "USD"
KPI = "signup"


class Place(NamedTuple):
    """Where visitors live. `cities` are (region, city), the likelier ones first."""

    weight: int
    country: str
    offset_h: int  # of their clock, for the time of day
    languages: tuple[str, ...]
    currency: str
    cities: tuple[tuple[str, str], ...]


PLACES = (
    Place(
        30,
        "US",
        -6,
        ("en-us", "en-us", "en-us", "es-us"),
        "USD",
        (
            ("California", "San Francisco"),
            ("New York", "New York"),
            ("Washington", "Seattle"),
            ("Texas", "Austin"),
            ("Illinois", "Chicago"),
        ),
    ),
    Place(
        16,
        "DE",
        1,
        ("de-de", "de", "en-us"),
        "EUR",
        (
            ("Land Berlin", "Berlin"),
            ("Bavaria", "Munich"),
            ("Hamburg", "Hamburg"),
            ("Hesse", "Frankfurt am Main"),
        ),
    ),
    Place(
        10,
        "GB",
        0,
        ("en-gb",),
        "USD",
        (("England", "London"), ("England", "Manchester"), ("Scotland", "Edinburgh")),
    ),
    Place(7, "FR", 1, ("fr-fr", "fr"), "EUR", (("Île-de-France", "Paris"),)),
    Place(7, "IN", 5, ("en-in", "en-us", "hi-in"), "USD", (("Karnataka", "Bengaluru"),)),
    Place(5, "CA", -5, ("en-ca", "fr-ca"), "USD", (("Ontario", "Toronto"), ("Quebec", "Montreal"))),
    Place(5, "AT", 1, ("de-at",), "EUR", (("Vienna", "Vienna"), ("Styria", "Graz"))),
    Place(4, "NL", 1, ("nl-nl", "en-us"), "EUR", (("North Holland", "Amsterdam"),)),
    Place(4, "BR", -3, ("pt-br",), "USD", (("São Paulo", "São Paulo"),)),
    Place(3, "ES", 1, ("es-es",), "EUR", (("Madrid", "Madrid"), ("Catalonia", "Barcelona"))),
    Place(3, "AU", 10, ("en-au",), "USD", (("New South Wales", "Sydney"),)),
    Place(3, "JP", 9, ("ja", "ja-jp"), "USD", (("Tokyo", "Tokyo"),)),
    Place(2, "PL", 1, ("pl-pl",), "EUR", ()),
    Place(2, "SE", 1, ("sv-se", "en-us"), "EUR", ()),
    Place(2, "ZA", 2, ("en-za",), "USD", ()),
    Place(1, "MX", -6, ("es-mx",), "USD", ()),
    Place(1, "SG", 8, ("en-sg", "zh-cn"), "USD", ()),
)

BY_LOCAL_HOUR = (
    2,
    1,
    1,
    1,
    1,
    2,
    4,
    7,
    11,
    14,
    15,
    15,
    13,
    14,
    15,
    14,
    13,
    11,
    11,
    12,
    13,
    12,
    8,
    4,
)
BY_WEEKDAY = (1.0, 1.06, 1.08, 1.04, 0.94, 0.62, 0.68)  # Monday first


class Machine(NamedTuple):
    weight: int
    user_agent: str
    screens: tuple[str, ...]


_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS"
_PHONES = ("390x844", "393x852", "430x932")
_DROIDS = ("412x915", "360x800", "384x854")
_DESKTOPS = ("1920x1080", "2560x1440", "1536x864")
_MACS = ("1440x900", "1512x982", "1728x1117")

MACHINES = (
    Machine(20, f"{_WINDOWS}) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", _DESKTOPS),
    Machine(7, f"{_WINDOWS}) {_WEBKIT} Chrome/141.0.0.0 Safari/537.36", _DESKTOPS),
    Machine(8, f"{_WINDOWS}) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", _DESKTOPS),
    Machine(4, f"{_WINDOWS}; rv:145.0) Gecko/20100101 Firefox/145.0", _DESKTOPS),
    Machine(11, f"{_MAC}) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", _MACS),
    Machine(
        8,
        f"{_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        _MACS,
    ),
    Machine(2, f"{_MAC}; rv:145.0) Gecko/20100101 Firefox/145.0", _MACS),
    Machine(4, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", _DESKTOPS),
    Machine(
        3, f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", _DESKTOPS
    ),
    Machine(
        15,
        f"{_IPHONE} 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.5 Mobile/15E148 Safari/604.1",
        _PHONES,
    ),
    Machine(
        4,
        f"{_IPHONE} 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.6 Mobile/15E148 Safari/604.1",
        _PHONES,
    ),
    Machine(
        12,
        f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36",
        _DROIDS,
    ),
    Machine(
        3,
        f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {_WEBKIT} SamsungBrowser/28.0"
        " Chrome/130.0.0.0 Mobile Safari/537.36",
        _DROIDS,
    ),
    Machine(
        3,
        "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.6 Mobile/15E148 Safari/604.1",
        ("820x1180", "834x1194"),
    ),
)

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2;"
    " +https://openai.com/gptbot)",
    "curl/8.14.1",
)


class Origin(NamedTuple):
    """Where a first visit comes from. {week} and {click} in the query are filled in."""

    weight: int
    referrer: str
    query: str = ""
    landings: tuple[str, ...] = ("/",)
    buys: float = 1.0  # how much likelier than others they buy


_ARTICLES = ("/blog/plain-text-first", "/blog/shipping-small", "/blog/why-we-left-the-cloud")
_LEARNING = ("/docs/getting-started", "/docs/import", "/blog/plain-text-first", "/")

ORIGINS = (
    Origin(24, "", "", ("/", "/", "/", "/pricing", "/docs", "/blog")),
    Origin(22, "https://www.google.com/", "", ("/", "/", *_LEARNING, "/templates")),
    Origin(4, "https://www.google.de/", "", ("/", "/docs/getting-started")),
    Origin(3, "https://www.bing.com/", "", _LEARNING),
    Origin(3, "https://duckduckgo.com/", "", _LEARNING),
    Origin(1, "https://www.ecosia.org/", "", ("/",)),
    Origin(3, "https://t.co/", "", _ARTICLES),
    Origin(4, "https://news.ycombinator.com/", "", _ARTICLES, 0.4),
    Origin(4, "https://www.reddit.com/", "", _ARTICLES, 0.5),
    Origin(3, "https://www.linkedin.com/", "", _ARTICLES),
    Origin(2, "https://l.facebook.com/", "fbclid={click}", ("/",)),
    Origin(2, "https://www.youtube.com/", "", ("/", "/features")),
    Origin(4, "https://chatgpt.com/", "utm_source=chatgpt.com", ("/features", "/docs/import"), 1.8),
    Origin(2, "https://www.perplexity.ai/", "", ("/pricing", "/features"), 1.8),
    Origin(1, "https://claude.ai/", "", ("/docs/api", "/features"), 1.8),
    Origin(
        6,
        "",
        "utm_source=newsletter&utm_medium=email&utm_campaign=letter-{week}",
        ("/blog/shipping-small", "/changelog", "/templates"),
        1.6,
    ),
    Origin(
        4,
        "https://www.google.com/",
        "utm_source=google&utm_medium=cpc&utm_campaign=brand&utm_term=note+app&gclid={click}",
        ("/", "/pricing"),
        2.0,
    ),
    Origin(
        2,
        "https://www.google.com/",
        "utm_source=google&utm_medium=cpc&utm_campaign=templates&utm_content=b&gclid={click}",
        ("/templates",),
        1.7,
    ),
    Origin(1, "https://www.bing.com/", "utm_campaign=brand&msclkid={click}", ("/",), 1.7),
    Origin(
        2,
        "https://www.instagram.com/",
        "utm_source=instagram&utm_medium=paid_social&utm_campaign=autumn&utm_content=reel",
        ("/templates", "/"),
    ),
    Origin(
        2,
        "https://reviews.example/best-note-apps",
        "utm_source=reviews&utm_medium=affiliate&utm_campaign=roundup",
        ("/pricing", "/"),
        2.2,
    ),
    Origin(1, "", "via=anna", ("/", "/pricing"), 2.0),
    Origin(1, "", "source=mobile-app", ("/docs", "/pricing"), 1.5),
    Origin(3, "https://github.com/", "ref=readme", ("/docs", "/docs/api"), 1.2),
    Origin(2, "https://friendsof.example/links", "", ("/",)),
    Origin(
        3,
        "https://t.co/",
        "utm_source=community&utm_medium=social&utm_campaign=credits",
        ("/app", "/app/swap"),
        0.5,
    ),
    Origin(
        1, "https://wallets.example/apps", "ref=wallets", ("/app", "/app/swap", "/app/earn"), 0.5
    ),
)

LAUNCH_ORIGINS = (
    Origin(5, "https://www.producthunt.com/", "ref=producthunt", ("/", "/features"), 0.8),
    Origin(4, "https://news.ycombinator.com/", "", ("/", "/blog/shipping-small"), 0.4),
    Origin(3, "https://t.co/", "", ("/",), 0.6),
)
"""On a launch, which comes every LAUNCH_EVERY_DAYS, and in the days behind it."""
LAUNCH_EVERY_DAYS = 56
LAUNCH_DAY = 26  # of every LAUNCH_EVERY_DAYS: a Tuesday
LAUNCH_FACTORS = (1.9, 1.5, 1.25, 1.1)


class Page(NamedTuple):
    title: str
    links: tuple[str, ...]  # where people go from here; the likelier, the more often named
    reading_s: int  # typical
    stays: float  # the chance that a visit goes on from here


PAGES = {
    "/": Page(
        "Demo shop: notes that stay yours",
        ("/features", "/features", "/pricing", "/templates", "/blog", "/docs", "/signup", "/app"),
        30,
        0.62,
    ),
    "/features": Page(
        "Features", ("/pricing", "/pricing", "/signup", "/docs/getting-started", "/"), 45, 0.62
    ),
    "/pricing": Page(
        "Pricing", ("/signup", "/signup", "/features", "/docs", "/templates", "/contact"), 50, 0.55
    ),
    "/signup": Page("Create your account", ("/welcome", "/pricing", "/"), 40, 0.6),
    "/welcome": Page("Welcome", ("/docs/getting-started", "/templates"), 25, 0.7),
    "/templates": Page(
        "Templates",
        ("/templates/planner", "/templates/planner", "/templates/journal", "/templates/recipes"),
        35,
        0.68,
    ),
    "/templates/planner": Page(
        "Weekly planner", ("/cart", "/templates", "/templates/journal"), 40, 0.5
    ),
    "/templates/journal": Page("Garden journal", ("/cart", "/templates"), 40, 0.5),
    "/templates/recipes": Page("Recipe box", ("/cart", "/templates"), 35, 0.5),
    "/cart": Page("Your cart", ("/checkout", "/checkout", "/templates"), 25, 0.65),
    "/checkout": Page("Checkout", ("/cart", "/pricing"), 70, 0.3),
    "/checkout/thanks": Page("Thank you", ("/docs/getting-started", "/"), 15, 0.35),
    "/docs": Page(
        "Documentation", ("/docs/getting-started", "/docs/import", "/docs/api"), 30, 0.72
    ),
    "/docs/getting-started": Page(
        "Getting started", ("/docs/import", "/docs/api", "/signup", "/docs"), 120, 0.5
    ),
    "/docs/import": Page("Import your notes", ("/docs", "/docs/api", "/pricing"), 110, 0.45),
    "/docs/api": Page("API reference", ("/docs", "/docs/getting-started", "/pricing"), 150, 0.45),
    "/blog": Page(
        "Blog",
        ("/blog/plain-text-first", "/blog/shipping-small", "/blog/why-we-left-the-cloud"),
        25,
        0.7,
    ),
    "/blog/plain-text-first": Page("Plain text first", ("/", "/blog", "/features"), 140, 0.32),
    "/blog/shipping-small": Page("Shipping small", ("/", "/blog", "/changelog"), 130, 0.3),
    "/blog/why-we-left-the-cloud": Page(
        "Why we left the cloud", ("/", "/blog", "/pricing"), 160, 0.3
    ),
    "/changelog": Page("What is new", ("/features", "/docs", "/"), 50, 0.4),
    "/app": Page(
        "Your credits",
        ("/app/swap", "/app/swap", "/app/swap", "/app/earn", "/app/earn", "/"),
        20,
        0.75,
    ),
    "/app/swap": Page("Swap for credits", ("/app/earn", "/app", "/app", "/docs"), 30, 0.5),
    "/app/earn": Page("Earn with credits", ("/app/swap", "/app", "/docs"), 35, 0.5),
    "/contact": Page("Contact", ("/", "/pricing"), 40, 0.25),
}

APP_PAGES = frozenset({"/app", "/app/swap", "/app/earn"})
"""Where wallets are used: credits of the shop's are bought and laid by there."""
RETURNS_TO = ("/", "/docs", "/docs/api", "/pricing", "/templates", "/blog", "/app", "/app/swap")

DOWNLOADS = {"/docs/getting-started": "handbook.pdf", "/docs/import": "sample-notes.zip"}
OUTBOUND = {
    "/docs/api": "https://github.com/demo-shop/notes",
    "/blog/why-we-left-the-cloud": "https://friendsof.example/self-hosting",
    "/contact": "https://chat.example/demo-shop",
    "/changelog": "https://github.com/demo-shop/notes/releases",
}
PLANS = (("9.00", 5), ("19.00", 3), ("49.00", 1))
"""Monthly prices and how often each is taken, in either currency."""
TEMPLATE_PRICES = {
    "/templates/planner": "14.00",
    "/templates/journal": "12.00",
    "/templates/recipes": "8.50",
}
