"""A share link: what it shows of a website."""

from typing import Literal, get_args

import msgspec

SharePage = Literal["overview", "flow", "funnels", "retention", "live"]
SHARE_PAGES: tuple[SharePage, ...] = get_args(SharePage)
"""The pages that a share may have."""


class ShareFilter(msgspec.Struct, frozen=True):
    """A filter on sessions: a dimension's name, and a value in the grammar of `filter_…`."""

    dimension: str
    value: str


class ShareLink(msgspec.Struct, frozen=True, kw_only=True):
    """What a link shows. Its filters hold for every report, whatever a request asks for."""

    id: str  # shr_…
    website_id: int
    slug: str
    name: str
    filters: tuple[ShareFilter, ...]
    pages: tuple[SharePage, ...]
    oldest: str  # a date in the website's zone, '' for all
    hosts: tuple[str, ...]  # whose pages may embed it
    created_at: int
    expires_at: int | None
    has_password: bool

    @property
    def params(self) -> list[tuple[str, str]]:
        """The filters as parameters of a report."""
        return [(f"filter_{each.dimension}", each.value) for each in self.filters]
