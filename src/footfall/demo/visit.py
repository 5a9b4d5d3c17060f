"""One visit: which pages in which order, and what is done there."""

from collections.abc import Iterator
from hashlib import blake2b
from random import Random
from typing import Literal, NamedTuple

from footfall.demo.onchain import Act, WalletUse, contract_hit
from footfall.demo.visitor import Visitor, choose
from footfall.demo.wallet import wallet_of
from footfall.demo.world import APP_PAGES, DOMAIN, DOWNLOADS, OUTBOUND, PAGES, RETURNS_TO
from footfall.model.hit import Hit

MAX_PAGES = 14
_MAX_READING_MS = 15 * 60_000


class Payment(NamedTuple):
    """Money at a moment. `number` makes it unique among the visitor's payments."""

    kind: Literal["new", "renewal", "refund"]
    amount: str  # as paid, in the visitor's currency
    movement_id: str
    paid_on: int  # the day whose rate counts
    visitor: Visitor


class Moment(NamedTuple):
    """Something that reaches the server at a time."""

    at: int
    what: Hit | Payment


class Visit:
    """Writes down one visit's moments. `plan` is the day's and the visit's own random source."""

    def __init__(self, random: Random, visitor: Visitor, start: int, day: int, name: str) -> None:
        self._random = random
        self._visitor = visitor
        self._at = start
        self._day = day
        self._name = name
        self._uid = blake2b(name.encode(), digest_size=16).hexdigest() if visitor.uid else ""
        self._moments: list[Moment] = []
        self._wallet: WalletUse | None = None

    def take(self, is_first: bool) -> list[Moment]:
        """The whole visit, in order of time, except for contract events."""
        url, referrer = self._arrive(is_first)
        path = url.partition("?")[0]
        pages = self._buying_path(path) if is_first and self._visitor.price else self._walk(path)
        previous = ""
        for page in pages:
            if previous:
                self._leave(previous, page)
                url, referrer = page, f"https://{DOMAIN}{previous}"
            self._hit("page", url, referrer=referrer, title=PAGES[page].title)
            if page in APP_PAGES:
                self._open_app(page, is_first)
            self._read(page)
            previous = page
        self._leave(previous, "")
        return self._moments

    def _arrive(self, is_first: bool) -> tuple[str, str]:
        """The address it begins at, with its query, and the referrer."""
        random = self._random
        if is_first:
            origin = self._visitor.origin
            query = origin.query.format(
                week=self._day // 7 % 100, click=f"{random.getrandbits(60):x}"
            )
            path = choose(random, origin.landings)
            return f"{path}?{query}" if query else path, origin.referrer
        chance = random.random()
        if chance < 0.12:
            week = self._day // 7 % 100
            return (
                f"/changelog?utm_source=newsletter&utm_medium=email&utm_campaign=letter-{week}",
                "",
            )
        if chance < 0.3:
            return choose(random, ("/", "/docs/api")), "https://www.google.com/"
        return choose(random, RETURNS_TO), ""

    def _walk(self, page: str) -> Iterator[str]:
        is_small = "Mobile" in self._visitor.user_agent
        yield page
        for _ in range(MAX_PAGES - 1):
            if self._random.random() >= PAGES[page].stays * (0.85 if is_small else 1):
                return
            page = choose(self._random, PAGES[page].links)
            yield page

    def _buying_path(self, landing: str) -> list[str]:
        template = self._visitor.template
        if template:
            path = [landing, "/templates", template, "/cart", "/checkout", "/checkout/thanks"]
        else:
            path = [landing, "/pricing", "/signup", "/checkout", "/checkout/thanks"]
        return [page for index, page in enumerate(path) if not index or page != path[index - 1]]

    def _read(self, page: str) -> None:
        """Time passes; now and then something is done on the page."""
        random = self._random
        reading_ms = int(PAGES[page].reading_s * 1000 * random.lognormvariate(-0.2, 0.8))
        reading_ms = min(max(reading_ms, 1_500), _MAX_READING_MS)
        self._at += reading_ms
        if page in DOWNLOADS and random.random() < 0.12:
            self._track("file_download", page, {"file": DOWNLOADS[page]})
        if page in OUTBOUND and random.random() < 0.18:
            self._hit("outbound", page, properties={"url": OUTBOUND[page]})
        if page.startswith("/blog/") and random.random() < 0.03:
            self._track("newsletter", page, {"place": "article"})
        if page in APP_PAGES and self._wallet:
            self._act(page, self._wallet.use(page))
        if random.random() < 0.9:
            engaged_ms = int(reading_ms * random.uniform(0.5, 0.97))
            self._hit("engagement", page, engaged_ms=engaged_ms)

    def _open_app(self, page: str, is_first: bool) -> None:
        """Take out the wallet, if there is one. Its random source is its own, so that what is
        done with it changes nothing else of the visit."""
        if self._wallet is None and (wallet := wallet_of(self._visitor)):
            self._wallet = WalletUse(Random(f"{self._name}:wallet"), wallet, is_first)
        if self._wallet:
            self._act(page, self._wallet.detect())

    def _act(self, page: str, acts: Iterator[Act]) -> None:
        for act in acts:
            if act.chain:
                at = self._at + act.pause_ms
                hit = contract_hit(act, at, self._address, self._visitor.uid)
                self._moments.append(Moment(at, hit))
            else:
                self._at += act.pause_ms
                self._hit(act.type, page, name=act.name, properties=act.properties)

    @property
    def _address(self) -> str:
        return self._wallet.address if self._wallet else ""

    def _leave(self, page: str, following: str) -> None:
        """What the step from one page to the next one means."""
        if page == "/signup" and following in ("/welcome", "/checkout"):
            self._sign_up(is_paying=following == "/checkout")
        elif page.startswith("/templates/") and following == "/cart":
            self._track("add_to_cart", page, {"template": page.rpartition("/")[2]})
        elif following == "/checkout" and page == "/cart":
            self._track("checkout_started", page, None)
        elif following == "/checkout/thanks":
            payment = Payment(
                "new",
                self._visitor.price,
                movement_id(self._visitor),
                self._visitor.day,
                self._visitor,
            )
            self._add(payment, 400)

    def _sign_up(self, is_paying: bool) -> None:
        self._track("signup", "/signup", {"plan": self._visitor.price or "free"})
        if not self._visitor.uid:
            return
        if is_paying or self._random.random() < 0.6:
            name = f"user-{self._visitor.day}-{self._visitor.number}"
            traits: dict[str, object] = {"user_id": name, "email": f"{name}@mail.example"}
            self._hit("identify", "/signup", properties=traits)
        if is_paying:
            self._track("checkout_started", "/signup", None)
        elif self._random.random() < 0.4:
            trial = Payment("new", "0", f"trial-{self._name}", self._day, self._visitor)
            self._add(trial, 900)

    def _track(self, goal: str, page: str, properties: dict[str, object] | None) -> None:
        self._hit("track", page, name=goal, properties=properties)

    def _hit(
        self,
        type: str,
        url: str,
        *,
        referrer: str = "",
        title: str = "",
        name: str = "",
        properties: dict[str, object] | None = None,
        engaged_ms: int = 0,
    ) -> None:
        visitor = self._visitor
        hit = Hit(
            type=type,
            url=f"https://{DOMAIN}{url}",
            referrer=referrer,
            title=title,
            name=name,
            properties=properties,
            engaged_ms=engaged_ms,
            language=visitor.language,
            screen=visitor.screen,
            visitor_uid=visitor.uid,
            session_uid=self._uid,
            address=self._address,
            is_cookieless=not visitor.uid,
            client_address=visitor.address,
            user_agent=visitor.user_agent,
            country=visitor.place.country,
            region=visitor.region,
            city=visitor.city,
        )
        self._add(hit, 60)

    def _add(self, what: Hit | Payment, pause_ms: int) -> None:
        self._moments.append(Moment(self._at, what))
        self._at += pause_ms + int(self._random.random() * pause_ms)


def movement_id(visitor: Visitor) -> str:
    """The first payment's id, from which renewals' and refunds' are made."""
    return f"demo-{visitor.day}-{visitor.number}"
