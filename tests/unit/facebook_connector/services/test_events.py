from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_BACKFILL, InboundEvent, QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext
from facebook_connector.delivery.values import EchoRecord, EventRecord, QuarantineRecord
from facebook_connector.services.events import ON_FIRST_MESSAGE_ONLY, read_item
from tests.support.channels import PAGE_ID
from tests.support.inbound_wire import START_MS, an_event

NOW_MS = START_MS + 5_000
MEDIA_SECRET = b"secret of media links"


def read(event: InboundEvent, receive_ms: int | None = None) -> EventRecord | QuarantineRecord:
    item = IngestItem(event=event)
    if receive_ms is not None:
        item.receive_time.FromMilliseconds(receive_ms)
    return read_item(item, "items[4]", NOW_MS, MEDIA_SECRET)


def stored(event: InboundEvent, receive_ms: int | None = None) -> EventRecord:
    record = read(event, receive_ms)
    assert isinstance(record, EventRecord), record
    return record


def contexts(event: InboundEvent) -> list[MessengerContext]:
    return [MessengerContext.FromString(message.context) for message in stored(event).messages]


def test_an_event_becomes_a_record() -> None:
    event = an_event("m_1")
    event.entry_list = "standby"

    record = stored(event)

    assert (record.page_id, record.psid, record.mid) == (PAGE_ID, "70001", "m_1")
    assert (record.kind, record.dedupe_key) == (inbound_pb2.EVENT_KIND_MESSAGE, "message:m_1")
    assert (record.event_time_ms, record.opens_window) == (START_MS - 1000, True)
    assert (record.raw, record.entry_list) == (b'{"mid":"m_1"}', "standby")
    assert (record.translator_version, record.echo) == (1, None)
    (message,) = record.messages
    assert message.cim_id == "cim-m_1"
    assert CimMessage.FromString(message.message) == an_event("m_1").messages[0]


def test_an_echo_says_what_it_echoes() -> None:
    event = an_event("m_1")
    event.kind = inbound_pb2.EVENT_KIND_ECHO
    event.refs.echo.mid, event.refs.echo.metadata, event.refs.echo.app_id = "m_1", "fbc:x:y:0", "555"

    assert stored(event).echo == EchoRecord(mid="m_1", metadata="fbc:x:y:0", app_id="555")


def test_without_a_time_of_facebook_the_time_of_receipt_stands_in_the_message_too() -> None:
    event = an_event("m_1")
    event.ClearField("event_time")
    event.messages[0].header.ClearField("timestamp")

    record = stored(event, receive_ms=START_MS + 1)

    assert record.event_time_ms == START_MS + 1
    message = CimMessage.FromString(record.messages[0].message)
    assert message.header.timestamp.ToMilliseconds() == START_MS + 1


@pytest.mark.parametrize("receive_ms", [None, NOW_MS + 60_000])
def test_a_time_of_receipt_that_is_missing_or_ahead_of_our_clock_is_now(receive_ms: int | None) -> None:
    event = an_event("m_1")
    event.ClearField("event_time")

    assert stored(event, receive_ms).event_time_ms == NOW_MS


def test_a_single_message_has_no_part() -> None:
    (context,) = contexts(an_event("m_1"))

    assert not context.HasField("part")


def test_each_of_several_messages_says_which_part_it_is() -> None:
    event = an_event("m_1")
    event.messages.add(id="cim-2")

    assert [(context.part.index, context.part.count) for context in contexts(event)] == [(0, 2), (1, 2)]


def test_what_an_event_says_once_stands_at_its_first_message() -> None:
    event = an_event("m_1")
    event.messages.add(id="cim-2")
    for name in ON_FIRST_MESSAGE_ONLY:
        if name == "reply_to_mid":
            event.context.reply_to_mid = "m_0"
        else:
            getattr(event.context, name).SetInParent()
    event.context.target_mid = "m_9"

    first, second = contexts(event)

    assert {field.name for field, _ in first.ListFields()} == {*ON_FIRST_MESSAGE_ONLY, "target_mid", "part"}
    assert {field.name for field, _ in second.ListFields()} == {"target_mid", "part"}


def test_references_that_nobody_resolved_stay_in_the_context() -> None:
    event = an_event("m_1")
    event.messages.add(id="cim-2")
    event.refs.reply_to_mid, event.refs.target_mid = "m_quoted", "m_edited"

    first, second = contexts(event)

    assert (first.reply_to_mid, first.target_mid) == ("m_quoted", "m_edited")
    assert (second.reply_to_mid, second.target_mid) == ("", "m_edited")


def put(**values: object) -> Callable[[InboundEvent], None]:
    def change(event: InboundEvent) -> None:
        for name, value in values.items():
            setattr(event, name, value)

    return change


FAULTS: dict[str, Callable[[InboundEvent], None]] = {
    "page_id must be 1 to 32 digits": put(page_id="12a"),
    "psid must have at most 64 characters": put(psid="7" * 65),
    "kind must be one that this server knows": put(kind=99),
    "dedupe_key must have 1 to 512 characters": put(dedupe_key="k" * 513),
    "source must be LIVE or BACKFILL": put(source=0),
    "translator_version must be at least 1": put(translator_version=0),
    "event_time must be within the years 1970 to 9999": lambda event: event.event_time.CopyFrom(Timestamp(seconds=-1)),
    "entry_list must be at most 64 letters, digits and _": put(entry_list="messaging\x00"),
    "refs.echo.mid must name the message that is echoed": put(kind=inbound_pb2.EVENT_KIND_ECHO),
    "messages must have at most 100 entries": lambda event: event.messages.extend([CimMessage(id="x")] * 100),
    "messages[0].id must have 1 to 128 characters": lambda event: event.messages[0].ClearField("id"),
    "messages[0] must have at most 3145728 bytes together with the context": lambda event: setattr(
        event.messages[0].body, "markdown_text", "x" * 3 * 1024 * 1024
    ),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_an_event_that_breaks_a_rule_is_quarantined_with_the_field_and_its_bytes(rule: str) -> None:
    event = an_event("m_1")
    FAULTS[rule](event)

    record = read(event)

    assert isinstance(record, QuarantineRecord)
    assert (record.reason, record.raw) == ("INVALID_EVENT", b'{"mid":"m_1"}')
    assert record.detail == f"items[4].event.{rule}"
    assert record.page_id == (PAGE_ID if event.page_id == PAGE_ID else "")


def test_an_event_without_its_bytes_is_kept_as_it_came() -> None:
    event = an_event("m_1")
    event.ClearField("raw")

    record = read(event)

    assert isinstance(record, QuarantineRecord)
    assert record.detail == "items[4].event.raw must hold the bytes of the item"
    assert IngestItem.FromString(record.raw).event == event


def test_content_of_a_newer_gateway_is_kept_with_the_fields_we_do_not_know() -> None:
    newer = b"\xa2\x06\x05hello"  # field 100, which no version of ours has
    item = IngestItem.FromString(newer)

    record = read_item(item, "items[0]", NOW_MS, MEDIA_SECRET)

    assert isinstance(record, QuarantineRecord)
    assert (record.reason, record.raw) == ("INVALID_EVENT", newer)


def test_a_backfilled_event_says_so() -> None:
    event = an_event("m_1")
    event.source = INGEST_SOURCE_BACKFILL

    assert stored(event).source == INGEST_SOURCE_BACKFILL


def test_what_the_gateway_quarantined_is_kept() -> None:
    content = QuarantinedItem(reason="NOT_JSON", detail="d" * 2000, page_id="12", raw=b"{", entry_list="calls")

    record = read_item(IngestItem(quarantined=content), "items[0]", NOW_MS, MEDIA_SECRET)

    assert record == QuarantineRecord(reason="NOT_JSON", detail="d" * 1024, page_id="12", raw=b"{", entry_list="calls")


def test_a_list_without_a_proper_name_is_none() -> None:
    content = QuarantinedItem(reason="NOT_JSON", raw=b"{", entry_list="x\x00")

    record = read_item(IngestItem(quarantined=content), "items[0]", NOW_MS, MEDIA_SECRET)

    assert (record.raw, record.entry_list) == (b"{", "")


@pytest.mark.parametrize("reason", ["", "not json", "X" * 65])
def test_a_quarantined_item_needs_a_reason(reason: str) -> None:
    item = IngestItem(quarantined=QuarantinedItem(reason=reason, page_id="x", raw=b"{"))

    record = read_item(item, "items[0]", NOW_MS, MEDIA_SECRET)

    assert isinstance(record, QuarantineRecord)
    assert (record.reason, record.page_id, record.raw) == ("INVALID_EVENT", "", b"{")
