"""A website's connections to payment providers."""

from typing import Annotated

from msgspec import Meta

from footfall.catalog.token import random_text
from footfall.model.errors import BadRequest, NotFound
from footfall.model.period import write_moment
from footfall.model.unit import Moment, Payload
from footfall.money.connection import MAX_SECRET, Connections, ProviderConnection
from footfall.providers.provider import OWN_SECRET_LENGTH, PROVIDERS, Provider
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.member import Removed


class ProviderBody(Body, frozen=True, kw_only=True):
    """The signing secret of the webhook."""

    secret: Annotated[
        Annotated[str, Meta(max_length=MAX_SECRET + 100)] | None,
        Meta(
            description="As the provider shows it; without it one is made, where the provider asks"
            " for one",
        ),
    ] = None


class ProviderRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A payment provider, connected or not."""

    name: str
    label: str
    connected: bool
    created_at: Moment | None
    last_event_at: Moment | None
    place: Annotated[str, Meta(description="Where to create the webhook")]
    events: Annotated[list[str], Meta(description="To be selected there")]
    shows_secret: Annotated[bool, Meta(description="false: it asks for a secret of ours")]
    path: Annotated[str, Meta(description="Of the webhook's address")]
    url: Annotated[
        str | None, Meta(description="That address, where the server's own is known for sure")
    ]
    secret: Annotated[
        str | None, Meta(description="One that was made; shown in this answer, never again")
    ] = None


async def list_providers(asked: Asked) -> list[ProviderRow]:
    website_id = asked.website_at("id").id
    connections = Connections(asked.catalog)
    found = await asked.run(lambda: connections.connected(website_id))
    connected = {each.provider: each for each in found}
    return [_row(asked, each, connected.get(each.name)) for each in PROVIDERS.values()]


async def connect_provider(asked: Asked) -> ProviderRow:
    body: ProviderBody = asked.body
    website, provider = asked.website_at("id"), _provider(asked)
    made = None if body.secret or provider.shows_secret else random_text(OWN_SECRET_LENGTH)
    secret = body.secret or made
    if secret is None:
        raise BadRequest(f"secret is missing: {provider.label} shows it", field="secret")
    connections = Connections(asked.catalog)

    def work() -> ProviderConnection:
        connections.add(website.id, provider.name, secret, now_ms=asked.now)
        asked.audit("connect provider", website_id=website.id, provider=provider.name)
        known = connections.connected(website.id)
        return next(each for each in known if each.provider == provider.name)

    return _row(asked, provider, await asked.run(work), made)


async def disconnect_provider(asked: Asked) -> Removed:
    website, provider = asked.website_at("id"), _provider(asked)

    def work() -> None:
        Connections(asked.catalog).remove(website.id, provider.name)
        asked.audit("disconnect provider", website_id=website.id, provider=provider.name)

    await asked.run(work)
    return Removed(id=provider.name)


def _provider(asked: Asked) -> Provider:
    found = PROVIDERS.get(asked.path("name"))
    if found is None:
        raise NotFound(f"There is no such provider: {', '.join(PROVIDERS)}", field="name")
    return found


def _row(
    asked: Asked,
    provider: Provider,
    connection: ProviderConnection | None,
    secret: str | None = None,
) -> ProviderRow:
    path = f"/webhooks/{provider.name}/{asked.website_at('id').public_id}"
    last_event_at = connection.last_event_at if connection else None
    return ProviderRow(
        name=provider.name,
        label=provider.label,
        connected=connection is not None,
        created_at=write_moment(connection.created_at) if connection else None,
        last_event_at=None if last_event_at is None else write_moment(last_event_at),
        place=provider.place,
        events=list(provider.events),
        shows_secret=provider.shows_secret,
        path=path,
        url=asked.api.browsers.link(asked.request, path),
        secret=secret,
    )


PROVIDER_CALLS = (
    ManageCall(
        method="GET",
        path="/websites/{id}/providers",
        name="list_providers",
        summary="The payment providers, and which of them are connected to a website",
        handler=list_providers,
        answer=ProviderRow,
        is_list=True,
        who="admin",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="PUT",
        path="/websites/{id}/providers/{name}",
        name="connect_provider",
        summary="Connect a payment provider, or replace the secret of its webhook",
        handler=connect_provider,
        body=ProviderBody,
        answer=ProviderRow,
        who="admin",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="DELETE",
        path="/websites/{id}/providers/{name}",
        name="disconnect_provider",
        summary="Forget the secret of a provider's webhook; its payments stay",
        handler=disconnect_provider,
        answer=Removed,
        who="admin",
        is_of_website=True,
        failures=("404",),
    ),
)
