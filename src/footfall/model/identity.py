"""What an identify says about its person, and the names of its properties."""

import msgspec

from footfall.model.payment import Profile

MAX_PERSONAL = 255
"""Characters of a profile's value."""

_FIELD_OF = {name.replace("_", ""): name for name in Profile.__struct_fields__}


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor was identified by, at the event's time."""

    website_id: int
    visitor_id: int
    profile: Profile
    stated_at: int


def profile_field(property_name: str) -> str:
    """The field of `Profile` that a property of identify is, in any usual spelling (userId,
    user-id, Email); '' for any other."""
    plain = property_name.replace("_", "").replace("-", "").lower()
    return _FIELD_OF.get(plain, "")
