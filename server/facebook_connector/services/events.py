"""Ingest items as values: checked against the rules of `InboundEvent`, completed, and ready to be stored.

Nothing here refuses a call. A batch holds items of several webhooks, so one that breaks a rule is quarantined with its
bytes and stops no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.inbound_event_pb2 import (
    INGEST_SOURCE_BACKFILL,
    INGEST_SOURCE_LIVE,
    InboundEvent,
    QuarantinedItem,
)
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext
from facebook_connector.channels.rules import PAGE_ID
from facebook_connector.delivery.values import EchoRecord, EventRecord, MessageRecord, QuarantineRecord
from facebook_connector.media.wanted import take_media
from facebook_connector.services.event_refs import read_refs
from facebook_connector.timestamps import milliseconds_of, write_time

INVALID_EVENT = "INVALID_EVENT"
"""Reason under which an item goes to the quarantine that breaks a rule."""

KINDS = frozenset(inbound_pb2.EventKind.values()) - {inbound_pb2.EVENT_KIND_UNSPECIFIED}
SOURCES = frozenset({INGEST_SOURCE_LIVE, INGEST_SOURCE_BACKFILL})

ENTRY_LIST = re.compile(r"[A-Za-z0-9_]{0,64}")
REASON = re.compile(r"[A-Z][A-Z_]{0,63}")
MAX_PSID = 64
MAX_DEDUPE_KEY = 512
MAX_MESSAGES = 100
MAX_CIM_ID = 128
MAX_DETAIL = 1024

MAX_MESSAGE_BYTES = 3 * 1024 * 1024
"""Largest CIM message, so that a frame that holds it stays below gRPC's usual 4 MiB."""

NANOS_PER_SECOND = 1_000_000_000

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last moment a `Timestamp` may name."""

ON_FIRST_MESSAGE_ONLY = ("referral", "reply_to_mid", "link", "quick_reply", "postback")
"""What an event says once stands at its first message."""


def read_item(item: IngestItem, path: str, now_ms: int, media_secret: bytes) -> EventRecord | QuarantineRecord:
    """One item as a value; `path` names it in the detail of a quarantined one, links of media are made with the secret.

    The item itself is changed on the way.
    """
    content = item.WhichOneof("content")
    if content == "quarantined":
        return _quarantined(item, f"{path}.quarantined")
    if content is None:
        return _invalid(item, QuarantinedItem(), [f"{path} has no content that this server knows"])
    event = item.event
    faults = [f"{path}.event.{fault}" for fault in _faults(event)]
    if not _is_known(item.receive_time):
        faults.append(f"{path}.receive_time must be within the years 1970 to 9999")
    if faults:
        return _invalid(item, event, faults)
    record = _event(event, _event_time_ms(item, now_ms), media_secret)
    faults = [f"{path}.event.{fault}" for fault in _too_large(record)]
    return _invalid(item, event, faults) if faults else record


def _event(event: InboundEvent, time_ms: int, media_secret: bytes) -> EventRecord:
    return EventRecord(
        page_id=event.page_id,
        psid=event.psid,
        kind=event.kind,
        dedupe_key=event.dedupe_key,
        mid=event.messages[0].header.provider_message_id if event.messages else "",
        event_time_ms=time_ms,
        opens_window=event.opens_window,
        echo=_echo(event),
        refs=read_refs(event),
        messages=tuple(_messages(event, time_ms, media_secret)),
        raw=event.raw,
        source=event.source,
        translator_version=event.translator_version,
        entry_list=event.entry_list,
    )


RULES: tuple[tuple[str, Callable[[InboundEvent], bool]], ...] = (
    ("page_id must be 1 to 32 digits", lambda event: bool(PAGE_ID.fullmatch(event.page_id))),
    (f"psid must have at most {MAX_PSID} characters", lambda event: len(event.psid) <= MAX_PSID),
    ("kind must be one that this server knows", lambda event: event.kind in KINDS),
    (
        f"dedupe_key must have 1 to {MAX_DEDUPE_KEY} characters",
        lambda event: 0 < len(event.dedupe_key) <= MAX_DEDUPE_KEY,
    ),
    ("raw must hold the bytes of the item", lambda event: bool(event.raw)),
    ("source must be LIVE or BACKFILL", lambda event: event.source in SOURCES),
    ("translator_version must be at least 1", lambda event: event.translator_version >= 1),
    ("event_time must be within the years 1970 to 9999", lambda event: _is_known(event.event_time)),
    (
        "entry_list must be at most 64 letters, digits and _",
        lambda event: bool(ENTRY_LIST.fullmatch(event.entry_list)),
    ),
    (
        "refs.echo.mid must name the message that is echoed",
        lambda event: event.kind != inbound_pb2.EVENT_KIND_ECHO or bool(event.refs.echo.mid),
    ),
    (f"messages must have at most {MAX_MESSAGES} entries", lambda event: len(event.messages) <= MAX_MESSAGES),
)
"""What an event must fulfil, each with the words for when it does not; they never repeat a value."""


def _faults(event: InboundEvent) -> Iterator[str]:
    for rule, holds in RULES:
        if not holds(event):
            yield rule
    for index, message in enumerate(event.messages):
        if not 0 < len(message.id) <= MAX_CIM_ID:
            yield f"messages[{index}].id must have 1 to {MAX_CIM_ID} characters"


def _too_large(record: EventRecord) -> Iterator[str]:
    for index, message in enumerate(record.messages):
        if len(message.message) + len(message.context) > MAX_MESSAGE_BYTES:
            yield f"messages[{index}] must have at most {MAX_MESSAGE_BYTES} bytes together with the context"


def _messages(event: InboundEvent, time_ms: int, media_secret: bytes) -> Iterator[MessageRecord]:
    count = len(event.messages)
    for index, message in enumerate(event.messages):
        if not message.header.HasField("timestamp"):
            write_time(message.header.timestamp, time_ms)
        context = _context(event, index, count)
        media = take_media(message, context, media_secret)
        yield MessageRecord(
            cim_id=message.id,
            message=message.SerializeToString(deterministic=True),
            context=context.SerializeToString(deterministic=True),
            media=media,
        )


def _context(event: InboundEvent, index: int, count: int) -> MessengerContext:
    """The event's context as it goes with one message; a reference by mid that is not resolved stands there.

    A message that is the only one gets the event's very own.
    """
    context = event.context
    if count > 1:
        context = MessengerContext()
        context.CopyFrom(event.context)
        context.part.index, context.part.count = index, count
    if event.refs.reply_to_mid:
        context.reply_to_mid = event.refs.reply_to_mid
    if event.refs.target_mid:
        context.target_mid = event.refs.target_mid
    for name in ON_FIRST_MESSAGE_ONLY if index else ():
        context.ClearField(name)
    return context


def _event_time_ms(item: IngestItem, now_ms: int) -> int:
    """Facebook's time; where it sent none, that of the first receipt: a repeat is a duplicate and changes nothing."""
    if item.event.HasField("event_time"):
        return milliseconds_of(item.event.event_time)
    return min(milliseconds_of(item.receive_time), now_ms) if item.HasField("receive_time") else now_ms


def _is_known(time: Timestamp) -> bool:
    return 0 <= time.seconds <= LAST_SECOND and 0 <= time.nanos < NANOS_PER_SECOND


def _echo(event: InboundEvent) -> EchoRecord | None:
    if not event.refs.HasField("echo"):
        return None
    echo = event.refs.echo
    return EchoRecord(mid=echo.mid, metadata=echo.metadata, app_id=echo.app_id)


def _quarantined(item: IngestItem, path: str) -> QuarantineRecord:
    content: QuarantinedItem = item.quarantined
    faults = [] if REASON.fullmatch(content.reason) else [f"{path}.reason must be upper-case words"]
    faults += [] if content.raw else [f"{path}.raw must hold the bytes of the item"]
    if faults:
        return _invalid(item, content, faults)
    detail = content.detail[:MAX_DETAIL]
    return QuarantineRecord(
        reason=content.reason,
        detail=detail,
        page_id=_page_id(content.page_id),
        raw=content.raw,
        entry_list=_entry_list(content.entry_list),
    )


def _invalid(item: IngestItem, content: InboundEvent | QuarantinedItem, faults: list[str]) -> QuarantineRecord:
    return QuarantineRecord(
        reason=INVALID_EVENT,
        detail="; ".join(faults)[:MAX_DETAIL],
        page_id=_page_id(content.page_id),
        # Without the bytes of Facebook, what came is all there is to keep, fields of a newer gateway included.
        raw=content.raw or item.SerializeToString(),
        entry_list=_entry_list(content.entry_list),
    )


def _page_id(text: str) -> str:
    return text if PAGE_ID.fullmatch(text) else ""


def _entry_list(text: str) -> str:
    return text if ENTRY_LIST.fullmatch(text) else ""
