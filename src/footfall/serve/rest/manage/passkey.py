"""Passkeys: an authenticator instead of a password and a code."""

from typing import Annotated, Literal

from msgspec import Meta

from footfall.catalog.passkey import check_passkey_name
from footfall.model.errors import BadRequest, Unauthorized
from footfall.model.member import Passkey, SignIn
from footfall.model.period import write_moment
from footfall.model.unit import Milliseconds, Moment, Payload
from footfall.serve.http.authenticator import (
    Assertion,
    Place,
    check_assertion,
    check_made,
    from_base64url,
    place_of,
    read_client_data,
    to_base64url,
)
from footfall.serve.http.challenge import LIVES_MS
from footfall.serve.rest.manage.account import AccountRow, sign_in
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Current, confirm
from footfall.serve.rest.manage.member import Removed

ALGORITHMS = (-8, -7, -257)  # of COSE: Ed25519, ES256, RS256
_SIGN_IN = "sign in"
_REFUSED = "This passkey does not sign in here: it is not known, or the answer to it is not valid"

_Id = Annotated[str, Meta(min_length=1, max_length=1_400, description="`rawId` in base64url")]
_ClientData = Annotated[str, Meta(max_length=8_000, description="`clientDataJSON` in base64url")]
Algorithm = Annotated[int, Meta(description="Of COSE", extra_json_schema={"x-unit": "none"})]


class OptionsBody(Body, frozen=True, kw_only=True):
    """Who asks for a new passkey."""

    current: Current = None


class PasskeyBody(Body, frozen=True, kw_only=True):
    """What `navigator.credentials.create` has answered to the options."""

    name: Annotated[str, Meta(max_length=100, description="By which its owner recognizes it")]
    id: _Id
    client_data: _ClientData
    attestation: Annotated[
        str, Meta(max_length=32_000, description="`attestationObject` in base64url")
    ]


class NoBody(Body, frozen=True, kw_only=True):
    """Nothing: `{}`."""


class AssertionBody(Body, frozen=True, kw_only=True):
    """What `navigator.credentials.get` has answered to the options."""

    id: _Id
    client_data: _ClientData
    authenticator_data: Annotated[
        str, Meta(max_length=4_000, description="`authenticatorData` in base64url")
    ]
    signature: Annotated[str, Meta(max_length=4_000, description="`signature` in base64url")]
    user_handle: Annotated[str, Meta(max_length=200, description="`userHandle` in base64url")]


class PasskeyServer(Payload, frozen=True, kw_only=True):
    """The server, as the authenticator calls it."""

    id: Annotated[str, Meta(description="Its host's name")]
    name: str


class PasskeyUser(Payload, frozen=True, kw_only=True, rename="camel"):
    """The account, as the authenticator shows it."""

    id: Annotated[str, Meta(description="In base64url")]
    name: str
    display_name: str


class PasskeyAlgorithm(Payload, frozen=True, kw_only=True):
    """A kind of key that is accepted."""

    type: Literal["public-key"] = "public-key"
    alg: Algorithm


class PasskeyKnown(Payload, frozen=True, kw_only=True):
    """A passkey that is there already."""

    type: Literal["public-key"] = "public-key"
    id: Annotated[str, Meta(description="In base64url")]


class PasskeySelection(Payload, frozen=True, kw_only=True, rename="camel"):
    """Which authenticators are accepted: those that know their user, and the account by itself."""

    resident_key: Literal["required"] = "required"
    require_resident_key: bool = True  # what older browsers ask for
    user_verification: Literal["required"] = "required"


class PasskeyOptionsRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """What `navigator.credentials.create` is asked for, in WebAuthn's JSON."""

    rp: PasskeyServer
    user: PasskeyUser
    challenge: Annotated[str, Meta(description="In base64url. For this sign-in, once")]
    pub_key_cred_params: list[PasskeyAlgorithm]
    timeout: Milliseconds
    exclude_credentials: list[PasskeyKnown]
    authenticator_selection: PasskeySelection
    attestation: Literal["none"] = "none"


class PasskeySignInRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """What `navigator.credentials.get` is asked for, in WebAuthn's JSON."""

    challenge: Annotated[str, Meta(description="In base64url. It works once")]
    timeout: Milliseconds
    user_verification: Literal["required"] = "required"


class PasskeyRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A passkey of this account."""

    id: str
    name: str
    created_at: Moment
    used_at: Annotated[Moment | None, Meta(description="When it last signed in")]


async def passkey_options(asked: Asked) -> PasskeyOptionsRow:
    body: OptionsBody = asked.body
    user, now_in = asked.member.user, asked.signed_in.sign_in
    place = _place(asked)
    await confirm(asked, body.current, "a passkey is added")

    def work() -> list[Passkey]:
        asked.catalog.passkeys.check_room(user.id)
        return asked.catalog.passkeys.list(user.id)

    known = await asked.run(work)
    return PasskeyOptionsRow(
        rp=PasskeyServer(id=place.rp_id, name="Footfall"),
        user=PasskeyUser(
            id=to_base64url(user.id.encode()), name=user.email, display_name=user.name
        ),
        challenge=to_base64url(asked.parts.challenges.make(_purpose(now_in))),
        pub_key_cred_params=[PasskeyAlgorithm(alg=each) for each in ALGORITHMS],
        timeout=LIVES_MS,
        exclude_credentials=[PasskeyKnown(id=to_base64url(each.credential_id)) for each in known],
        authenticator_selection=PasskeySelection(),
    )


async def add_passkey(asked: Asked) -> PasskeyRow:
    body: PasskeyBody = asked.body
    user_id, place = asked.member.user.id, _place(asked)
    name = check_passkey_name(body.name)
    credential_id = from_base64url(body.id, "id")
    client_data = from_base64url(body.client_data, "clientData")
    attestation = from_base64url(body.attestation, "attestation")
    challenge, _ = read_client_data(client_data)
    if not asked.parts.challenges.use(challenge, _purpose(asked.signed_in.sign_in)):
        raise BadRequest(
            "clientData does not answer options of this sign-in, or they were used or are older"
            " than 5 minutes: ask for new ones",
            field="clientData",
        )

    def work() -> Passkey:
        made = check_made(credential_id, client_data, attestation, challenge, place)
        added = asked.catalog.passkeys.add(
            user_id, name, **made._asdict(), origin=place.origin, now_ms=asked.now
        )
        asked.audit("add passkey", name=added.name)
        return added

    return _row(await asked.run(work))


async def list_passkeys(asked: Asked) -> list[PasskeyRow]:
    user_id = asked.member.user.id
    return [_row(each) for each in await asked.run(lambda: asked.catalog.passkeys.list(user_id))]


async def remove_passkey(asked: Asked) -> Removed:
    user_id, wanted = asked.member.user.id, asked.path("id")

    def work() -> None:
        removed = asked.catalog.passkeys.remove(user_id, wanted)
        asked.audit("remove passkey", name=removed.name)

    await asked.run(work)
    return Removed(id=wanted)


async def sign_in_options(asked: Asked) -> PasskeySignInRow:
    """The same for everybody: the authenticator knows the account."""
    challenge = asked.parts.challenges.make(_SIGN_IN)
    return PasskeySignInRow(challenge=to_base64url(challenge), timeout=LIVES_MS)


async def sign_in_by_passkey(asked: Asked) -> AccountRow:
    """The same answer, after the same work, whether the passkey is known or not."""
    body: AssertionBody = asked.body
    given = Assertion(
        id=from_base64url(body.id, "id"),
        client_data=from_base64url(body.client_data, "clientData"),
        authenticator_data=from_base64url(body.authenticator_data, "authenticatorData"),
        signature=from_base64url(body.signature, "signature"),
    )
    handle = from_base64url(body.user_handle, "userHandle")
    key = f"passkey {to_base64url(given.id)}"
    asked.parts.by_account.count(key)
    challenge, _ = read_client_data(given.client_data)
    is_ours = asked.parts.challenges.use(challenge, _SIGN_IN)

    def work() -> str | None:
        passkey = asked.catalog.passkeys.find(given.id)
        count = check_assertion(given, challenge, passkey)
        if passkey is None or count is None or not is_ours or passkey.user_id.encode() != handle:
            return None
        is_noted = asked.catalog.passkeys.note_use(passkey, count, asked.now)
        return passkey.user_id if is_noted else None

    user_id = await asked.run(work)
    if user_id is None:
        raise Unauthorized(_REFUSED)
    asked.parts.by_account.forget(key)
    return await sign_in(asked, user_id, "passkey")


def _place(asked: Asked) -> Place:
    """Raises Conflict where browsers allow no passkeys, or the server's address is not known for
    sure."""
    return place_of(asked.api.browsers.link(asked.request, ""))


def _purpose(now_in: SignIn) -> str:
    return f"add to {now_in.id}"


def _row(passkey: Passkey) -> PasskeyRow:
    return PasskeyRow(
        id=passkey.id,
        name=passkey.name,
        created_at=write_moment(passkey.created_at),
        used_at=None if passkey.used_at is None else write_moment(passkey.used_at),
    )


PASSKEY_CALLS = (
    ManageCall(
        method="GET",
        path="/me/passkeys",
        name="list_passkeys",
        summary="The passkeys of this account, the oldest first",
        handler=list_passkeys,
        answer=PasskeyRow,
        is_list=True,
        who="viewer",
        scope="read",
    ),
    ManageCall(
        method="POST",
        path="/me/passkey/options",
        name="passkey_options",
        summary="What to ask an authenticator for, to add a passkey",
        handler=passkey_options,
        body=OptionsBody,
        answer=PasskeyOptionsRow,
        who="viewer",
        scope="read",
        failures=("403", "409"),
    ),
    ManageCall(
        method="POST",
        path="/me/passkeys",
        name="add_passkey",
        summary="Add a passkey, with the authenticator's answer to the options",
        handler=add_passkey,
        body=PasskeyBody,
        answer=PasskeyRow,
        who="viewer",
        scope="read",
        failures=("409",),
    ),
    ManageCall(
        method="DELETE",
        path="/me/passkeys/{id}",
        name="remove_passkey",
        summary="Remove a passkey; it no longer signs in",
        handler=remove_passkey,
        answer=Removed,
        who="viewer",
        scope="read",
        failures=("404",),
    ),
    ManageCall(
        method="POST",
        path="/signin/passkey/options",
        name="sign_in_options",
        summary="What to ask an authenticator for, to sign in by passkey",
        handler=sign_in_options,
        body=NoBody,
        answer=PasskeySignInRow,
        who="anonymous",
    ),
    ManageCall(
        method="POST",
        path="/signin/passkey",
        name="sign_in_by_passkey",
        summary="Sign in by passkey: without e-mail address, password or code",
        handler=sign_in_by_passkey,
        body=AssertionBody,
        answer=AccountRow,
        who="anonymous",
        failures=("401", "403"),
    ),
)
