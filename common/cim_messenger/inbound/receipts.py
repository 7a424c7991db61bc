"""Rows of the table for reactions and receipts: what a customer does to a message that is there already."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json.json_text import JsonObject
from cim_messenger.inbound.bodies import custom, plain
from cim_messenger.inbound.context import add_more, base_context
from cim_messenger.inbound.dedupe import content_key, delivery_key, key
from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import elements, identifier, members, text_of, time_ms, timestamp, without
from cim_messenger.inbound.messages import REPLY_TO
from expertflow.connector.v1.inbound_event_pb2 import DeliveryRef, EventRefs
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_REACTION, EVENT_KIND_RECEIPT
from expertflow.connector.v1.messenger_context_pb2 import Reaction

REACT: Final = "react"

REACTION_FIELDS: Final = ("action", "reaction", "emoji", "mid")


def reaction(event: Event) -> Draft:
    """`reaction`, as CUSTOM. A withdrawal may come without saying what is withdrawn."""
    reacted = members(event.payload)
    return _reaction(event, node={"kind": "reaction", **without(reacted, "kind", "mid")})


def reaction_as_text(event: Event) -> Draft:
    """`reaction`, as PLAIN that quotes its message."""
    return _reaction(event, node=None)


def delivery(event: Event) -> Draft:
    """`delivery`: some messages, or all up to a moment, reached the customer's device."""
    delivered = members(event.payload)
    mids = [mid for mid in map(identifier, elements(delivered.get("mids"))) if mid]
    watermark = delivered.get("watermark")
    reference = DeliveryRef(mids=mids, watermark=timestamp(time_ms(watermark)))
    return Draft(
        kind=EVENT_KIND_RECEIPT,
        dedupe_key=delivery_key(event, identifier(watermark), mids),
        refs=EventRefs(delivery=reference),
        context=base_context(event),
    )


def read(event: Event) -> Draft:
    """`read`: the customer saw everything up to a moment."""
    watermark = members(event.payload).get("watermark")
    moment = time_ms(watermark)
    return Draft(
        kind=EVENT_KIND_RECEIPT,
        dedupe_key=content_key(event) if moment is None else key("read", event.psid, identifier(watermark)),
        refs=EventRefs(read_watermark=timestamp(moment)),
        context=base_context(event),
    )


def _reaction(event: Event, *, node: JsonObject | None) -> Draft:
    reacted = members(event.payload)
    mid = identifier(reacted.get("mid"))
    action = text_of(reacted.get("action"))
    emoji = text_of(reacted.get("emoji"))
    name = text_of(reacted.get("reaction"))
    context = base_context(event)
    context.target_mid = mid
    context.reaction.CopyFrom(Reaction(action=action, reaction=name, emoji=emoji))
    add_more(context, event, without(reacted, *REACTION_FIELDS))
    text = f"reacted {emoji or name}".rstrip() if action == REACT else "took a reaction back"
    sender = identifier(members(event.item.get("sender")).get("id"))
    moment = "" if event.time_ms is None else event.time_ms
    return Draft(
        kind=EVENT_KIND_REACTION,
        dedupe_key=key("reaction", mid, sender, action, moment) if mid and action else content_key(event),
        parts=(lambda _link: plain(text) if node is None else custom(node),),
        intent=REPLY_TO if node is None else "",
        opens_window=action == REACT,
        refs=EventRefs(target_mid=mid),
        context=context,
    )
