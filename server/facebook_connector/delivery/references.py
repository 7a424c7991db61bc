"""What resolving its references changes of a stored message. Pure: bytes of protos in, bytes of protos out.

`CimMessage` and `MessengerContext` travel serialized. Only messages that refer to another one are opened here; what the
store knows at the time of storing is appended to any context without opening it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cim_messenger.ids import message_id
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext, ThreadOwner
from facebook_connector.delivery.values import MessageRecord
from facebook_connector.timestamps import write_time

REPLY_TO = "REPLY_TO"


def quoting(record: MessageRecord, cim_id: str | None, *, by_mid: bool) -> MessageRecord:
    """The first message of an event, with the message that it quotes or taps on, or without one that is not known.

    `by_mid`: the message was named by its Messenger id, which has no place in the context then.
    """
    message, context = _opened(record)
    if cim_id is not None:
        message.header.original_message_id = cim_id
        if by_mid:
            context.ClearField("reply_to_mid")
    elif message.header.intent == REPLY_TO:
        # Readers of CIM look up what is quoted: a quote of nothing would break them.
        message.header.ClearField("intent")
    return _closed(record, message, context)


def about(record: MessageRecord, cim_ids: Sequence[str], *, page_id: str, dedupe_key: str) -> tuple[MessageRecord, ...]:
    """An edit, reaction or unsend with the message that it is about; an unsend once for each of its CIM ids.

    Without any id it stays as it is, with the Messenger id in its context.
    """
    if not cim_ids:
        return (quoting(record, None, by_mid=False),)
    taken_back = _opened(record)[0].body.WhichOneof("content") == "deleted_notification"
    return tuple(
        _about_one(record, cim_id, record.cim_id if part == 0 else message_id(page_id, dedupe_key, part))
        for part, cim_id in enumerate(cim_ids if taken_back else cim_ids[:1])
    )


def takes_back(record: MessageRecord) -> bool:
    """Whether a message is an unsend."""
    return bool(_opened(record)[0].body.WhichOneof("content") == "deleted_notification")


def _about_one(record: MessageRecord, target: str, cim_id: str) -> MessageRecord:
    message, context = _opened(record)
    message.id = cim_id
    message.header.original_message_id = target
    if message.body.WhichOneof("content") == "deleted_notification":
        message.body.deleted_notification.message_id = target
    context.ClearField("target_mid")
    return _closed(replace(record, cim_id=cim_id), message, context)


def of_same_app(record: MessageRecord) -> MessageRecord:
    """An echo under our own app id of a message that this installation did not send."""
    message, context = _opened(record)
    context.echo.same_app = True
    return _closed(record, message, context)


def known_at_storing(window_close_ms: int | None, owner: ThreadOwner | None) -> bytes:
    """What is known of the conversation, to be appended to serialized contexts.

    Concatenated protos are one proto, merged: https://protobuf.dev/programming-guides/encoding/#last-one-wins
    """
    context = MessengerContext(thread_owner=owner)
    if window_close_ms is not None:
        write_time(context.window_close_time, window_close_ms)
    return context.SerializeToString(deterministic=True)


def renewed(record: MessageRecord, stored_context: bytes) -> MessageRecord:
    """A message translated anew, with what was known of its conversation when it was first stored."""
    stored = MessengerContext.FromString(stored_context)
    close_ms = stored.window_close_time.ToMilliseconds() if stored.HasField("window_close_time") else None
    owner = stored.thread_owner if stored.HasField("thread_owner") else None
    return replace(record, context=record.context + known_at_storing(close_ms, owner))


def offers(message: bytes, payload: str) -> bool:
    """Whether a serialized message is a BUTTON or CAROUSEL message with this payload on one of its buttons."""
    if payload.encode() not in message:
        return False
    body = CimMessage.FromString(message).body
    buttons = [*body.button.buttons, *(button for card in body.carousel.elements for button in card.buttons)]
    return any(button.payload == payload for button in buttons)


def _opened(record: MessageRecord) -> tuple[CimMessage, MessengerContext]:
    return CimMessage.FromString(record.message), MessengerContext.FromString(record.context)


def _closed(record: MessageRecord, message: CimMessage, context: MessengerContext) -> MessageRecord:
    return replace(
        record,
        message=message.SerializeToString(deterministic=True),
        context=context.SerializeToString(deterministic=True),
    )
