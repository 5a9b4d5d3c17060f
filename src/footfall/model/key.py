"""64-bit keys for people and visits.

The store never holds a visitor's cookie value or a client's session id: only this key
of it, which is all that counting needs. Two of ten million visitors of one website share
a key with a chance of 1 in 370,000 (docs/decisions/0003).
"""

from hashlib import blake2b


def visitor_key(website_id: int, visitor_uid: str) -> int:
    """Key of the opaque visitor id that a tracker, SDK or backend sent. Never 0."""
    return _key(b"visitor", website_id, visitor_uid.encode())


def cookieless_visitor_key(website_id: int, salt: bytes, address: str, user_agent: str) -> int:
    """Key of a person without cookies: gone for good once the day's salt is deleted."""
    digest = blake2b(
        f"{website_id}\0{address}\0{user_agent}".encode("utf-8", "surrogatepass"),
        digest_size=8,
        key=salt,
    ).digest()
    return int.from_bytes(digest, "big") or 1


def session_key(website_id: int, visitor_id: int, uid_or_start: str) -> int:
    """Key of a visit: of the client's session id, or of the visit's start where it sent none."""
    return _key(b"session", website_id, f"{visitor_id}\0{uid_or_start}".encode())


def client_session_key(website_id: int, session_uid: str) -> int:
    """Key of the client's session id alone, where the visitor it belongs to is not known."""
    return _key(b"client", website_id, session_uid.encode())


def event_key(website_id: int, event_id: str) -> int:
    """Key of an eventId, by which repeats are recognized."""
    return _key(b"event", website_id, event_id.encode())


def _key(person: bytes, website_id: int, value: bytes) -> int:
    digest = blake2b(
        value, digest_size=8, person=person, salt=website_id.to_bytes(8, "big")
    ).digest()
    return int.from_bytes(digest, "big") or 1
