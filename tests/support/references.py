"""Events that are about other messages, with real CIM messages in them, and what was delivered, opened."""

from __future__ import annotations

from dataclasses import dataclass

from cim_messenger.ids import message_id
from expertflow.cim.v1.interactive_pb2 import Button, ButtonBody
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody, MessageHeader
from expertflow.cim.v1.notification_pb2 import DeletedNotificationBody
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.messenger_context_pb2 import EchoSource, MessengerContext
from facebook_connector.delivery.values import EchoRecord, EventRecord, Head, MessageRecord, RefsRecord
from tests.support.inbound_records import PAGE, an_event

REACTION = inbound_pb2.EVENT_KIND_REACTION
OWN_APP = "555000111222333"


def a_said(name: str, *, parts: int = 1, intent: str = "", **changes: object) -> EventRecord:
    """A customer's message `name` as real CIM; `changes` go to the event."""
    records = tuple(
        _record(f"message:{name}", part, MessageBody(type="PLAIN", markdown_text=f"{name}.{part}"), intent=intent)
        for part in range(parts)
    )
    return an_event(name, **{"messages": records, **changes})  # type: ignore[arg-type]


def a_quote(name: str, quoted: str) -> EventRecord:
    """A message that quotes another, as the gateway delivers it."""
    context = MessengerContext(reply_to_mid=quoted)
    body = MessageBody(type="PLAIN", markdown_text=name)
    record = _record(f"message:{name}", 0, body, intent="REPLY_TO", context=context)
    return an_event(name, messages=(record,), refs=RefsRecord(reply_to_mid=quoted))


def a_tap(name: str, payload: str, *, on: str = "") -> EventRecord:
    """A tap on a button, with or without the message it stands in."""
    body = MessageBody(type="PLAIN", markdown_text="Yes")
    record = _record(f"message:{name}", 0, body, intent=payload, context=MessengerContext(reply_to_mid=on))
    return an_event(name, messages=(record,), refs=RefsRecord(reply_to_mid=on, payload=payload))


def a_reaction(target: str, **changes: object) -> EventRecord:
    body = MessageBody(type="CUSTOM")
    return _about(f"reaction:{target}", target, body, **{"kind": REACTION, "opens_window": True, **changes})  # type: ignore[arg-type]


def an_edit(target: str, number: int, **changes: object) -> EventRecord:
    body = MessageBody(type="PLAIN", markdown_text=f"{target} again {number}")
    return _about(f"edit:{target}:{number}", target, body, intent="UPDATE", edit_number=number, **changes)


def an_unsend(target: str, **changes: object) -> EventRecord:
    body = MessageBody(type="DELETEDNOTIFICATION", deleted_notification=DeletedNotificationBody())
    return _about(f"unsend:{target}", target, body, **changes)  # type: ignore[arg-type]


def an_app_echo(mid: str, app_id: str = OWN_APP, **changes: object) -> EventRecord:
    """The echo of a message that an app sent, without metadata."""
    context = MessengerContext(echo=EchoSource(app_id=app_id))
    record = _record(f"message:{mid}", 0, MessageBody(type="PLAIN", markdown_text=mid), context=context)
    values: dict[str, object] = {
        "kind": inbound_pb2.EVENT_KIND_ECHO,
        "opens_window": False,
        "echo": EchoRecord(mid=mid, metadata="", app_id=app_id),
        "messages": (record,),
    }
    return an_event(mid, **{**values, **changes})  # type: ignore[arg-type]


def a_delivery(*mids: str, until_ms: int | None = None, name: str = "d", **changes: object) -> EventRecord:
    return _receipt(name, RefsRecord(delivered_mids=mids, delivered_ms=until_ms), **changes)


def a_read(until_ms: int, name: str = "r", **changes: object) -> EventRecord:
    return _receipt(name, RefsRecord(read_ms=until_ms), **changes)


def a_button_message(*payloads: str) -> bytes:
    """A serialized outbound BUTTON message."""
    buttons = [Button(title=payload, payload=payload) for payload in payloads]
    return CimMessage(id="b", body=MessageBody(type="BUTTON", button=ButtonBody(buttons=buttons))).SerializeToString(
        deterministic=True
    )


@dataclass(frozen=True)
class Delivered:
    """A delivered message, opened."""

    head: Head

    @property
    def message(self) -> CimMessage:
        return CimMessage.FromString(self.head.message)

    @property
    def context(self) -> MessengerContext:
        return MessengerContext.FromString(self.head.context)

    @property
    def original(self) -> str:
        return self.message.header.original_message_id

    @property
    def status(self) -> tuple[str, int]:
        notification = self.message.body.delivery_notification
        return notification.message_id, notification.status


def cim_id(name: str, part: int = 0) -> str:
    """The CIM id of a message of `a_said`."""
    return message_id(PAGE, f"message:{name}", part)


def _receipt(name: str, refs: RefsRecord, **changes: object) -> EventRecord:
    values: dict[str, object] = {"kind": inbound_pb2.EVENT_KIND_RECEIPT, "mid": "", "messages": (), "refs": refs}
    return an_event(f"receipt-{name}", **{**values, "opens_window": False, **changes})  # type: ignore[arg-type]


def _about(
    key: str, target: str, body: MessageBody, *, intent: str = "", edit_number: int | None = None, **changes: object
) -> EventRecord:
    record = _record(key, 0, body, intent=intent, context=MessengerContext(target_mid=target))
    refs = RefsRecord(target_mid=target, edit_number=edit_number)
    values: dict[str, object] = {"dedupe_key": key, "mid": "", "messages": (record,), "refs": refs}
    return an_event(key, **{**values, "opens_window": False, **changes})  # type: ignore[arg-type]


def _record(
    key: str, part: int, body: MessageBody, *, intent: str = "", context: MessengerContext | None = None
) -> MessageRecord:
    name = message_id(PAGE, key, part)
    message = CimMessage(id=name, header=MessageHeader(intent=intent or None), body=body)
    return MessageRecord(
        cim_id=name,
        message=message.SerializeToString(deterministic=True),
        context=(context or MessengerContext()).SerializeToString(deterministic=True),
    )
