"""Events with media, as they are stored before anything is fetched."""

from __future__ import annotations

from dataclasses import replace

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_PENDING, MessengerContext
from facebook_connector.delivery.values import EventRecord, MediaRecord, MessageRecord
from facebook_connector.media.sniff import Kind
from tests.support.inbound_records import an_event

TEXT = "text"


def a_medium_event(name: str, *sources: str, kind: Kind = Kind.IMAGE, **changes: object) -> EventRecord:
    """An event of so many messages: one for each source address; the word `TEXT` stands for a message without one."""
    messages = [_message(f"{name}-{part}", source, kind) for part, source in enumerate(sources)]
    return replace(an_event(name), messages=tuple(messages), **changes)  # type: ignore[arg-type]


def _message(name: str, source: str, kind: Kind) -> MessageRecord:
    message, context = CimMessage(id=f"cim-{name}"), MessengerContext()
    if source == TEXT:
        message.body.plain.SetInParent()
        return MessageRecord(cim_id=message.id, message=message.SerializeToString(), context=b"")
    content = getattr(message.body, kind.value)
    (
        content if kind is Kind.STICKER else content.attachment
    ).media_url = f"https://chat.example.com/media/medium-{name}"
    context.media.state = MEDIA_STATE_PENDING
    return MessageRecord(
        cim_id=message.id,
        message=message.SerializeToString(),
        context=context.SerializeToString(),
        media=MediaRecord(media_id=f"medium-{name}", kind=kind.value, source_url=source, name=""),
    )
