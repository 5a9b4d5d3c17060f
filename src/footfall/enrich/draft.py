"""What the steps know about one hit so far. A draft lives for one call of the pipeline."""

from typing import Protocol

import msgspec

from footfall.enrich.page_url import NO_PAGE, PageUrl
from footfall.enrich.place import Geo
from footfall.model.fact import Facts
from footfall.model.hit import Hit
from footfall.model.website import Website


class Salts(Protocol):
    """The random salts of the UTC day of a hit's receipt and of the day before."""

    @property
    def today(self) -> bytes: ...

    @property
    def yesterday(self) -> bytes: ...


class Draft(msgspec.Struct, gc=False):
    """A hit and what is known about it. Every step reads it and fills in fields and facts."""

    hit: Hit
    website: Website
    salts: Salts
    geo: Geo
    page: PageUrl = NO_PAGE
    address: str = ""  # the client's, canonical
    facts: Facts = msgspec.field(default_factory=Facts)
    referrer_host: str = ""
    bot: str = ""
    title: str = ""
    name: str = ""
    link: str = ""
    properties: str = ""
    engaged_ms: int = 0
    visitor_id: int = 0
    visitor_id_yesterday: int = 0
    session_uid: int = 0
    client_session: int = 0
