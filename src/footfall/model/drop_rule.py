"""What each reason means for which a hit is dropped, and what to do about it."""

from collections.abc import Mapping
from typing import NamedTuple

from footfall.model.event import DropReason


class DropRule(NamedTuple):
    """In words for people, as docs/drop-reasons.md says it."""

    happened: str
    remedy: str


DROP_RULES: Mapping[DropReason, DropRule] = {
    "invalid": DropRule(
        "Not understood: invalid JSON, a wrong type, a value out of range, a line that is not "
        "a log line",
        "The message names the field and what is valid",
    ),
    "too_large": DropRule(
        "The body is over 256 kB (tracker), or unpacks to more",
        "Send less; batches go to POST {base}/events, up to 8 MB",
    ),
    "unknown_website": DropRule(
        "No website has this tracking id",
        "footfall website list shows the ids; a new one works within a second",
    ),
    "foreign_hostname": DropRule(
        "The page is on a host that is not the website's domain, a subdomain of it or an "
        "allowed hostname",
        "footfall website set example.com --allow-hostname shop.example.net, once for each",
    ),
    "spam_referrer": DropRule(
        "The referrer is a host that advertises itself with forged visits",
        "Nothing. The list is src/footfall/enrich/data/spam_referrer.txt",
    ),
    "excluded_address": DropRule(
        "The website excludes the client's address",
        "footfall website set example.com --exclude-address none counts it again",
    ),
    "excluded_path": DropRule(
        "The website excludes the page's path",
        "footfall website set example.com --exclude-path none counts it again",
    ),
    "excluded_hostname": DropRule(
        "The website excludes the page's host",
        "footfall website set example.com --exclude-hostname none counts it again",
    ),
    "excluded_country": DropRule(
        "The website excludes the client's country",
        "footfall website set example.com --exclude-country none counts it again",
    ),
    "excluded_referrer": DropRule(
        "The website excludes the page that linked to it, by its host",
        "footfall website set example.com --exclude-referrer none counts it again",
    ),
    "reserved_goal": DropRule(
        "A goal named payment or free_trial: only recorded payments have these names",
        "Choose another name",
    ),
    "no_session": DropRule(
        "An engagement event of a visitor without a live visit at that time",
        "Nothing: it comes from tabs that were left open for more than 30 minutes",
    ),
    "duplicate": DropRule(
        "The same eventId was received within 24 hours",
        "Nothing: it was stored the first time. The response to a repeat says accepted; the "
        "repeat is detected when it is loaded",
    ),
    "refused_by_engine": DropRule(
        "Reserved for rows that the engine refuses. Such rows are kept with the reason in "
        "refused.jsonl in the data folder, and footfall doctor says so",
        "Please report them: this should not happen",
    ),
    "internal_error": DropRule(
        "The server failed to process this one event. The other events of its request are "
        "kept, and the server's log names the step and the kind of error",
        "Please report it with that line of the log: this should not happen",
    ),
    "asset": DropRule(
        "Access logs: an image, script, feed, download",
        "Nothing: it is not a page",
    ),
    "error_status": DropRule(
        "Access logs: not answered with 2xx or 304",
        "Nothing: redirects lead to a line of their own",
    ),
    "not_get": DropRule(
        "Access logs: POST, HEAD and so on",
        "Nothing",
    ),
}
