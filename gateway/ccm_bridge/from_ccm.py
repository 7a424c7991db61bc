"""What CCM sends: read, and judged whether it is for a customer at all. Pure."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json import CimJsonError
from cim_messenger.cim_json.bodies import BY_TYPE
from cim_messenger.outbound.render import render
from cim_messenger.outbound.values import Rendered, Rules
from expertflow.cim.v1.message_pb2 import CimMessage

MAYBE_NOT_FOR_CUSTOMERS: Final = frozenset(
    {
        "notification",
        "delivery_notification",
        "deleted_notification",
        "wrap_up",
        "voice",
        "action",
        "email",
        "form_data",
    }
)
"""Branches of which no body, or not every one, is for a customer; a test compares them with the renderer."""

INTERNAL_TYPES: Final = frozenset(
    {row.type for row in BY_TYPE.values() if row.branch in MAYBE_NOT_FOR_CUSTOMERS}
    | {"ACTIVITY", "CALL_PROGRESS_EVENT", "DELIVERY_NOTIFICATION", "IVR_AGGREGATED_ACTIVITY", "VOICE_RECORDING"}
)
"""Types that stay among the parts of a contact centre, also in a form that this release cannot read: CCM sends its
connectors everything of a conversation."""


def is_for_customer(message: CimMessage) -> bool:
    """Whether anything reaches the customer: a message, typing, a seen mark or a reaction."""
    branch = message.body.WhichOneof("content")
    if branch == "generic":
        return message.body.type not in INTERNAL_TYPES
    if branch not in MAYBE_NOT_FOR_CUSTOMERS:
        return True
    rendered = render(message, Rules())
    return not isinstance(rendered, Rendered) or bool(rendered.parts) or rendered.action is not None


def check_address(message: CimMessage) -> None:
    """Raises `CimJsonError` for what is missing without which nothing can be sent, or reported as failed."""
    channel = message.header.channel_data
    for path, value in (
        ("$.id", message.id),
        ("$.header.channelData.serviceIdentifier", channel.service_identifier),
        ("$.header.channelData.channelCustomerIdentifier", channel.channel_customer_identifier),
    ):
        if not value.strip():
            raise CimJsonError(path, "is missing")
    if not message.HasField("body"):
        raise CimJsonError("$.body", "is missing")
