"""Who is signed in by the browser's cookie, and the defence against other websites.

A browser sends the cookie with every request to this server, also with those that a page of
another website makes it send. So a request that is more than reading needs a header that no other
website can add, and comes from a page of this server.
"""

import asyncio
from contextlib import suppress
from hashlib import blake2b
from hmac import compare_digest
from urllib.parse import SplitResult, urlsplit

import msgspec
from starlette.requests import Request

from footfall.catalog import Catalog
from footfall.catalog.share import TOKEN_START
from footfall.catalog.sign_in import LIVES_MS, SEEN_EVERY_MS, is_live
from footfall.catalog.token import digest
from footfall.clock import Clock
from footfall.collect.address import ClientAddress
from footfall.collect.header import Headers
from footfall.model.address import plain_address
from footfall.model.errors import Forbidden, Unauthorized, Unavailable
from footfall.model.hostname import browser_origin
from footfall.model.member import SCOPES_OF, Member, SignIn
from footfall.model.share import ShareLink
from footfall.model.website import Token

COOKIE = "footfall"
SECURE_COOKIE = "__Host-footfall"
SHARE_COOKIE = "footfall-share"
SECURE_SHARE_COOKIE = "__Host-footfall-share"
CSRF_HEADER = "X-Footfall-CSRF"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_KNOWN = 1_000
MAX_SECRET = 200


class SignedIn(msgspec.Struct, frozen=True):
    """A member whose browser is signed in, and the value that their writes must carry."""

    sign_in: SignIn
    member: Member
    csrf: str

    @property
    def token(self) -> Token:
        return token_of(self.member)


class Browsers:
    """Reads and writes the cookies of sign-ins. For one event loop."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        client_address: ClientAddress,
        *,
        public_url: str = "",
    ) -> None:
        """`public_url` is the origin under which people reach the server, '' if unknown."""
        self.catalog = catalog
        self.clock = clock
        self.public_url = public_url
        self._public_host = urlsplit(browser_origin(public_url)).netloc
        self._client_address = client_address
        self._known: dict[bytes, SignedIn] = {}
        self._change_counter = -1
        self._noting: set[str] = set()

    def find(self, request: Request) -> SignedIn | None:
        """Who is signed in by the request's cookie, None for nobody.

        Raises Forbidden if the request is more than reading and is not from a page of this server.
        """
        secret = self.secret(request)
        found = self._find(secret) if secret else None
        if found is None:
            return None
        if request.method not in READING:
            self.check_origin(request)
            given = request.headers.get(CSRF_HEADER, "")
            if not compare_digest(given.encode(), found.csrf.encode()):
                raise Forbidden(
                    f"The header {CSRF_HEADER} is missing or wrong: send the value of `csrf` in"
                    " GET /me"
                )
        self._note_seen(found.sign_in)
        return found

    def find_share(self, request: Request) -> ShareLink | None:
        """The share that the request's header or cookie opens, None if it names none.

        Raises Unauthorized if what it names is not valid, or no longer.
        """
        given = request.headers.get("authorization", "")
        token = given.partition(" ")[2].strip() if given[:7].lower() == "bearer " else ""
        if not given:
            name = SECURE_SHARE_COOKIE if self.is_secure(request) else SHARE_COOKIE
            token = request.cookies.get(name, "")
        if not token.startswith(TOKEN_START):
            return None
        share = self.catalog.shares.find_by_token(token[:MAX_SECRET], self.clock())
        if share is None:
            raise Unauthorized(
                "This share link was withdrawn, changed or has expired: open it again"
            )
        return share

    def secret(self, request: Request) -> str:
        """The cookie's value, '' if there is none."""
        name = SECURE_COOKIE if self.is_secure(request) else COOKIE
        return request.cookies.get(name, "")[:MAX_SECRET]

    def check_origin(self, request: Request) -> None:
        """Raise Forbidden for a request that a page of another website made the browser send."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin")
        if site not in ("same-origin", "none") or (
            origin is not None and _split(origin).netloc not in self._own_hosts(request)
        ):
            raise Forbidden("This request came from a page of another website")

    def _own_hosts(self, request: Request) -> set[str]:
        hosts = {request.headers.get("host", ""), self._public_host}
        if self._is_from_proxy(request):
            hosts.add(request.headers.get("x-forwarded-host", ""))
        return hosts - {""}

    def is_secure(self, request: Request) -> bool:
        """Whether the browser's own connection is encrypted."""
        if request.url.scheme == "https":
            return True
        is_sent_so = request.headers.get("x-forwarded-proto", "").partition(",")[0] == "https"
        return is_sent_so and self._is_from_proxy(request)

    def is_local(self, request: Request) -> bool:
        """Whether the request comes from this machine and was sent to it by a local name. A proxy
        or a page with a name of its own that leads here does not pass."""
        host = _split(f"//{request.headers.get('host', '')}").hostname or ""
        is_named_so = host == "localhost" or _is_loopback(host)
        return is_named_so and _is_loopback(_peer(request)) and _is_loopback(self.address(request))

    def address(self, request: Request) -> str:
        """The client's address, '' if it is unknown. Kept in memory to count attempts only."""
        return self._client_address.find(_peer(request), Headers(request.scope["headers"]))

    def link(self, request: Request, path: str) -> str | None:
        """The full link to a page of this server, None where its name is not known for sure.

        The header Host alone can be forged. An origin that a browser adds to a request of this
        server's own page cannot.
        """
        if self.public_url:
            return f"{self.public_url}{path}"
        origin = request.headers.get("origin", "")
        is_own = _split(origin).netloc == request.headers.get("host", "-")
        return f"{origin}{path}" if is_own and self.secret(request) else None

    def set_cookie(self, request: Request, secret: str) -> str:
        """The header Set-Cookie of a new sign-in, or with '' of its end."""
        is_secure = self.is_secure(request)
        name, mark = (SECURE_COOKIE, "; Secure") if is_secure else (COOKIE, "")
        age = LIVES_MS // 1000 if secret else 0
        return f"{name}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{mark}"

    def set_share_cookie(self, request: Request, token: str) -> str:
        """The header Set-Cookie of a share link that was opened. It ends with the browser."""
        is_secure = self.is_secure(request)
        name, mark = (SECURE_SHARE_COOKIE, "; Secure") if is_secure else (SHARE_COOKIE, "")
        return f"{name}={token}; Path=/; HttpOnly; SameSite=Lax{mark}"

    def _is_from_proxy(self, request: Request) -> bool:
        return self._client_address.is_proxy(plain_address(_peer(request)))

    def _find(self, secret: str) -> SignedIn | None:
        """From memory, unless the catalog has changed since."""
        counter = self.catalog.change_counter()
        if counter != self._change_counter or len(self._known) >= MAX_KNOWN:
            self._known.clear()
            self._change_counter = counter
        key, now = digest(secret), self.clock()
        if key not in self._known and (read := self._read(secret, now)) is not None:
            self._known[key] = read
        found = self._known.get(key)
        return found if found is not None and is_live(found.sign_in, now) else None

    def _read(self, secret: str, now: int) -> SignedIn | None:
        sign_in = self.catalog.sign_ins.find(secret, now)
        places = self.catalog.users.memberships(sign_in.user_id) if sign_in else []
        return SignedIn(sign_in, places[0], csrf_of(secret)) if sign_in and places else None

    def _note_seen(self, sign_in: SignIn) -> None:
        now = self.clock()
        if now - sign_in.seen_at < SEEN_EVERY_MS or sign_in.id in self._noting:
            return
        self._noting.add(sign_in.id)

        def note() -> None:
            try:
                with suppress(Unavailable):  # the next request tries again
                    self.catalog.sign_ins.note_seen(sign_in.id, now)
            finally:
                self._noting.discard(sign_in.id)

        # another process may hold the catalog, and the request need not wait for that
        asyncio.get_running_loop().run_in_executor(None, note)


def token_of(member: Member) -> Token:
    """What a member's requests may do, as a token says it."""
    return Token(
        id=member.user.id,
        workspace_id=member.workspace_id,
        website_id=None,
        scopes=SCOPES_OF[member.role],
        kind="member",
        prefix=member.user.id,
    )


def csrf_of(secret: str) -> str:
    """The value that proves that a page could read an answer to the sign-in's browser."""
    return blake2b(secret.encode("utf-8", "replace"), digest_size=16, person=b"csrf").hexdigest()


def _split(address: str) -> SplitResult:
    """The parts of an address that a client sent; all are empty if it is malformed."""
    try:
        return urlsplit(address)
    except ValueError:  # as of http://[
        return urlsplit("")


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_loopback(address: str) -> bool:
    plain = plain_address(address)
    return plain.startswith("127.") or plain == "::1"
