"""The step that turns people into keys. No later step uses the address or the user agent."""

from footfall.enrich.draft import Draft
from footfall.model.key import (
    client_session_key,
    cookieless_visitor_key,
    session_key,
    visitor_key,
)


def add_visitor(draft: Draft) -> None:
    """Keys of the visitor and of the client's session.

    An id identifies the visitor, or else address and user agent under the day's salt; with
    neither there is no visitor. A bot's session is kept apart from a person's with the same id.
    """
    hit, website_id = draft.hit, draft.website.id
    if hit.visitor_uid and not hit.is_cookieless:
        draft.visitor_id = visitor_key(website_id, hit.visitor_uid)
        if hit.session_uid:
            draft.client_session = client_session_key(website_id, hit.session_uid)
            is_bots_own = hit.has_own_session and draft.bot
            uid = f"{hit.session_uid}\0bot" if is_bots_own else hit.session_uid
            draft.session_uid = session_key(website_id, draft.visitor_id, uid)
    elif hit.has_visitor and draft.address and hit.user_agent:
        person = (draft.address, hit.user_agent)
        draft.visitor_id = cookieless_visitor_key(website_id, draft.salts.today, *person)
        draft.visitor_id_yesterday = cookieless_visitor_key(
            website_id, draft.salts.yesterday, *person
        )
