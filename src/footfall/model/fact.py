"""Session facts: what is known of a visit from its first counted event."""

import msgspec


class Facts(msgspec.Struct, array_like=True, gc=False):
    """The session facts, in the order in which the rows of `events`, `sessions` and `payments`
    end with them. Enrichment's steps fill them in; a new one comes last.

    Every fact is a string and '' is a missing one. They are enriched for every
    event, but a session keeps those of its first counted event.
    """

    hostname: str = ""
    referrer: str = ""  # domain without www., a known source's hosts folded into its main domain
    channel: str = "Direct"
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    ref: str = ""
    source: str = ""
    via: str = ""
    click_id: str = ""  # the parameter's name (gclid …), never its value
    country: str = ""  # ISO 3166-1 alpha-2
    region: str = ""  # name
    region_code: str = ""  # ISO 3166-2, where known
    city: str = ""
    device: str = ""  # Desktop, Mobile, Tablet
    browser: str = ""
    browser_version: str = ""  # with the name: "Chrome 133.0"
    os: str = ""
    os_version: str = ""  # with the name: "Mac OS 14.0"
    language: str = ""  # lower-case BCP 47 as sent, e.g. "de-at"
    screen: str = ""  # "1440x900"
    referrer_url: str = ""  # the referrer's address without query, fragment and secrets
    timezone: str = ""  # IANA name, as an SDK sends it
    sdk_version: str = ""  # as an SDK sends it

    def __hash__(self) -> int:
        """As events are hashable: nothing changes the facts of an event that is made."""
        return hash(msgspec.structs.astuple(self))


FACT_NAMES: tuple[str, ...] = Facts.__struct_fields__
