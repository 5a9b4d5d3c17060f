"""The supported payment providers: one row each, by the name in the webhook's address."""

from collections.abc import Callable, Mapping

import msgspec

from footfall.model.notice import Notice
from footfall.providers import generic, lemonsqueezy, polar, stripe

OWN_SECRET_LENGTH = 32  # accepted by all providers that ask for a secret


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """`verify(headers, body, secret, now_ms)` raises Unauthorized, and
    `read(body, website_id, received_at)` BadRequest naming the field. Both are pure."""

    name: str
    label: str
    verify: Callable[[Mapping[str, str], bytes, str, int], None]
    read: Callable[[bytes, int, int], Notice]
    place: str  # where to create a webhook in its dashboard
    events: tuple[str, ...]  # to select there
    shows_secret: bool = True  # False: it asks for a secret, which we generate


PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            name=stripe.NAME,
            label="Stripe",
            verify=stripe.verify,
            read=stripe.read,
            place="Workbench, Webhooks, Add destination",
            events=(
                "checkout.session.completed",
                "checkout.session.async_payment_succeeded",
                "invoice.paid",
                "invoice_payment.paid",
                "refund.created",
                "refund.updated",
                "refund.failed",
                "charge.refunded",
                "charge.dispute.created",
                "charge.dispute.closed",
            ),
        ),
        Provider(
            name=lemonsqueezy.NAME,
            label="Lemon Squeezy",
            verify=lemonsqueezy.verify,
            read=lemonsqueezy.read,
            place="Settings, Webhooks",
            shows_secret=False,
            events=(
                "order_created",
                "order_refunded",
                "subscription_created",
                "subscription_payment_success",
                "subscription_payment_recovered",
                "subscription_payment_refunded",
            ),
        ),
        Provider(
            name=polar.NAME,
            label="Polar",
            verify=polar.verify,
            read=polar.read,
            place="Settings, Webhooks, Add Endpoint, format Raw",
            events=("order.paid", "refund.created", "refund.updated"),
        ),
        Provider(
            name=generic.NAME,
            label="Any other",
            verify=generic.verify,
            read=generic.read,
            place="your own code",
            events=("payment", "refund", "dispute"),
            shows_secret=False,
        ),
    )
}
