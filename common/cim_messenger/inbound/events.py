"""The values between the steps of the translation: an event as it was found, and what the table makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.fields import time_ms
from cim_messenger.inbound.webhook import Place
from expertflow.cim.v1.message_pb2 import MessageBody
from expertflow.connector.v1.inbound_event_pb2 import EventRefs
from expertflow.connector.v1.inbound_pb2 import EventKind
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext

Part: TypeAlias = Callable[[str], MessageBody]
"""Makes the body of one part, given the link under which the part's media will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of Facebook's, found and addressed."""

    row: str
    """The row of the table that it belongs to."""
    key: str
    """Facebook's key, or the `field` of a change."""
    payload: JsonValue
    """What stands under the key."""
    item: JsonObject
    """The object around it, with `sender`, `recipient`, `timestamp` and siblings."""
    place: Place
    page_id: str
    psid: str
    """Empty: the event of the page itself, or of somebody without a page-scoped id."""
    outgoing: bool
    """The page acted, not the customer."""

    @property
    def time_ms(self) -> int | None:
        """Facebook's time; None when it sent none. The entry's time differs between repeats and is no substitute."""
        return time_ms(self.item.get("timestamp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an event says, before ids and header are put to it."""

    kind: EventKind
    dedupe_key: str
    parts: tuple[Part, ...] = ()
    mid: str = ""
    """The message's own Messenger id; empty where the event has none."""
    intent: str = ""
    original_message_id: str = ""
    """CIM id of the message that it answers, where the event itself tells; the store finds it elsewhere."""
    opens_window: bool = False
    time_ms: int | None = None
    refs: EventRefs = field(default_factory=EventRefs)
    context: MessengerContext = field(default_factory=MessengerContext)
