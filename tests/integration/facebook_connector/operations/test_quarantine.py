from __future__ import annotations

import json
from typing import Any

import pytest

from cim_messenger.inbound import TRANSLATOR_VERSION, read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_MESSAGE
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from expertflow.connector.v1.operations_pb2 import QuarantineEntry, QuarantineFilter
from expertflow.connector.v1.operations_service_pb2 import (
    ListQuarantineRequest,
    RetranslateRequest,
    RetranslateResponse,
)
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.seal import Keyring
from facebook_connector.delivery.notifications import DEFAULT_SENDER
from facebook_connector.delivery.values import EventRecord, IngestReport, QuarantineRecord
from facebook_connector.operations.quarantine import Quarantine
from facebook_connector.operations.translation import Retranslator
from facebook_connector.settings import ServerSettings
from facebook_connector.store.database import Database
from facebook_connector.store.log.events import EventStore
from service_runtime.clock import SystemClock
from tests.support.inbound_records import NOW_MS, PAGE, add_page, an_event
from tests.support.operators import ANNA, Operators, refusal
from tests.support.quarantined import body, quarantined, said

NO_EVENT = {"sender": {"id": "700"}, "timestamp": 1}

STRANGER = "999"
"""A page without a channel."""


async def entries(operators: Operators, chosen: QuarantineFilter | None = None) -> list[QuarantineEntry]:
    response = await operators.operations.ListQuarantine(
        ListQuarantineRequest(filter=chosen, include_raw=True), metadata=ANNA
    )
    return list(response.entries)


async def retranslate(operators: Operators, request_id: str = "", **chosen: Any) -> RetranslateResponse:
    return await operators.operations.Retranslate(
        RetranslateRequest(filter=QuarantineFilter(**chosen), request_id=request_id), metadata=ANNA
    )


async def texts(operators: Operators, count: int) -> list[str]:
    return [received.message.body.markdown_text for received in await operators.received(count)]


def counts(response: RetranslateResponse) -> tuple[int, int, int, dict[str, int]]:
    """Events stored and duplicates, entries that left and that stay."""
    remaining = {one.reason: one.count for one in response.remaining}
    return response.stored_events, response.duplicate_events, response.translated_entries, remaining


async def test_an_entry_is_listed_with_what_is_known_of_it(operators: Operators) -> None:
    await operators.ingest(quarantined(b"{no json", "NOT_JSON", page_id="", entry_list=""))
    (entry,) = await entries(operators)
    assert (entry.reason, entry.detail, entry.page_id, entry.raw, entry.raw_size) == (
        "NOT_JSON",
        "why",
        "",
        b"{no json",
        8,
    )
    assert entry.expire_time.ToMilliseconds() - entry.receive_time.ToMilliseconds() == 30 * 24 * 3600 * 1000
    shown = await operators.operations.ListQuarantine(ListQuarantineRequest(), metadata=ANNA)
    assert shown.entries[0].raw == b""


async def test_entries_come_oldest_first_page_by_page(operators: Operators) -> None:
    for number in range(5):
        await operators.ingest(quarantined({"n": number}))
    request, found = ListQuarantineRequest(page_size=2, include_raw=True), []
    while True:
        page = await operators.operations.ListQuarantine(request, metadata=ANNA)
        found.append([json.loads(entry.raw)["n"] for entry in page.entries])
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert found == [[0, 1], [2, 3], [4]]


async def test_an_answer_with_bytes_ends_before_four_mebibytes(operators: Operators) -> None:
    large = [quarantined(b"%d" % number * 1_500_000) for number in range(1, 5)]
    for item in large:
        await operators.ingest(item)
    first = await operators.operations.ListQuarantine(ListQuarantineRequest(include_raw=True), metadata=ANNA)
    second = await operators.operations.ListQuarantine(
        ListQuarantineRequest(include_raw=True, page_token=first.next_page_token), metadata=ANNA
    )
    assert [len(first.entries), len(second.entries), second.next_page_token] == [2, 2, ""]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, ["1", "2", "3"]),
        ({"reasons": ["UNKNOWN_PAGE", "NOT_JSON"]}, ["2", "3"]),
        ({"page_id": PAGE}, ["1", "3"]),
        ({"page_id": PAGE, "reasons": ["UNTRANSLATABLE"]}, ["1"]),
        ({"ids": ["2", "999", "x"]}, ["2"]),
    ],
)
async def test_a_filter_chooses(operators: Operators, chosen: dict[str, Any], found: list[str]) -> None:
    await operators.ingest(quarantined({"n": 1}))
    await operators.ingest(quarantined({"n": 2}, "UNKNOWN_PAGE", page_id=STRANGER))
    await operators.ingest(quarantined({"n": 3}, "NOT_JSON"))
    assert [entry.id for entry in await entries(operators, QuarantineFilter(**chosen))] == found


async def test_what_can_be_translated_now_is_delivered_under_the_ids_it_would_have_had(operators: Operators) -> None:
    (at_once,) = translate(read_webhook(body(said("hello"))), ServerSettings.load().translator)
    assert isinstance(at_once, InboundEvent)
    await operators.ingest(quarantined(said("hello"), "UNKNOWN_PAGE"))
    assert counts(await retranslate(operators)) == (0, 0, 0, {"UNKNOWN_PAGE": 1})

    await operators.add_channel()
    assert counts(await retranslate(operators)) == (1, 0, 1, {})

    (received,) = await operators.received(1)
    assert received.message.id == at_once.messages[0].id
    assert received.message == at_once.messages[0]
    assert await entries(operators) == []
    assert await operators.ingest(at_once) == ["DUPLICATE"]


async def test_what_fails_stays_with_the_new_reason(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined({"sender": {"id": "7" * 65}, "message": {"mid": "m"}}, "NEWER_REASON"))
    await operators.ingest(quarantined(NO_EVENT, "UNTRANSLATABLE"))

    assert counts(await retranslate(operators)) == (0, 0, 0, {"NOT_AN_EVENT": 1, "UNTRANSLATABLE": 1})

    assert [(entry.reason, entry.detail, entry.translator_version) for entry in await entries(operators)] == [
        ("UNTRANSLATABLE", "the customer's id is longer than 64 characters", TRANSLATOR_VERSION),
        ("NOT_AN_EVENT", "holds none", TRANSLATOR_VERSION),
    ]


async def test_equal_content_that_comes_to_the_same_reason_becomes_one_entry(operators: Operators) -> None:
    await operators.ingest(quarantined(NO_EVENT, "NOT_AN_EVENT"), quarantined(NO_EVENT, "UNTRANSLATABLE"))
    assert counts(await retranslate(operators)) == (0, 0, 0, {"NOT_AN_EVENT": 2})
    assert [entry.reason for entry in await entries(operators)] == ["NOT_AN_EVENT"]


async def test_a_body_that_could_not_be_taken_apart_gives_all_its_events(operators: Operators) -> None:
    await operators.add_channel()
    whole = body(said("one"), said("two"), NO_EVENT)
    await operators.ingest(quarantined(whole, "NOT_JSON", page_id="", entry_list=""))

    assert counts(await retranslate(operators)) == (2, 0, 0, {"NOT_AN_EVENT": 1})
    assert counts(await retranslate(operators)) == (0, 2, 0, {"NOT_AN_EVENT": 1})
    assert await texts(operators, 2) == ["one", "two"]


@pytest.mark.parametrize("raw", [b"{cut sho", b"\xff"])
async def test_a_body_that_is_no_json_stays_as_such(operators: Operators, raw: bytes) -> None:
    await operators.ingest(quarantined(raw, "NOT_JSON", page_id="", entry_list=""))
    assert counts(await retranslate(operators)) == (0, 0, 0, {"NOT_JSON": 1})


async def test_an_entry_of_before_its_list_was_noted_is_taken_for_a_message(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello"), entry_list=""))
    assert counts(await retranslate(operators)) == (1, 0, 1, {})


async def test_a_standby_item_stays_one(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(
        quarantined(said("to another app", "m_1"), entry_list="standby"), quarantined(said("to us", "m_2"))
    )
    assert counts(await retranslate(operators)) == (2, 0, 2, {})
    assert await texts(operators, 1) == ["to us"]


async def test_what_another_app_signed_is_translated_only_if_it_is_named(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello"), "PAGE_NOT_OF_APP"))
    assert counts(await retranslate(operators)) == (0, 0, 0, {"PAGE_NOT_OF_APP": 1})
    assert counts(await retranslate(operators, page_id=PAGE)) == (0, 0, 0, {"PAGE_NOT_OF_APP": 1})
    assert counts(await retranslate(operators, reasons=["PAGE_NOT_OF_APP"])) == (1, 0, 1, {})


async def test_one_that_the_database_refuses_stops_no_other(database: Database) -> None:
    def read(item: IngestItem) -> EventRecord | QuarantineRecord:
        name = item.event.messages[0].body.markdown_text
        return an_event(name, kind=0 if name == "odd" else EVENT_KIND_MESSAGE)

    await add_page(database)
    records = [
        QuarantineRecord(reason="UNTRANSLATABLE", detail="", page_id=PAGE, raw=json.dumps(said(text)).encode())
        for text in ("a", "b", "odd", "c")
    ]
    await EventStore(database).ingest(records, NOW_MS)
    clock, reports = SystemClock(), list[IngestReport]()
    quarantine = Quarantine(
        database=database,
        requests=OperatorRequests(database, Keyring.generate(), clock),
        retranslator=Retranslator(ServerSettings.load().translator, read),
        sender=DEFAULT_SENDER,
        committed=reports.append,
        clock=clock,
    )

    assert counts(await quarantine.retranslate(RetranslateRequest())) == (3, 0, 3, {"STORE_REJECTED": 1})

    (entry,) = (await quarantine.list(ListQuarantineRequest())).entries
    assert entry.reason == "STORE_REJECTED"
    assert sum(len(report.outcomes) for report in reports) == 3
    assert all(report.ready_subscriptions for report in reports if report.outcomes)


async def test_an_unknown_id_is_refused_and_nothing_is_done(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello")))
    code, info = await refusal(retranslate(operators, ids=["1", "77"]))
    assert (code, info.reason, dict(info.metadata)) == (
        "NOT_FOUND",
        "QUARANTINE_ENTRY_NOT_FOUND",
        {"quarantine_id": "77"},
    )
    assert len(await entries(operators)) == 1


async def test_a_repeat_under_the_same_name_gets_the_first_answer(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello")))
    first = await retranslate(operators, "r-1")
    assert counts(first) == (1, 0, 1, {})
    await operators.ingest(quarantined(said("later")))
    assert await retranslate(operators, "r-1") == first
    assert len(await entries(operators)) == 1
    code, info = await refusal(retranslate(operators, "r-1", page_id=PAGE))
    assert (code, info.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")


async def test_it_is_written_down_who_had_it_done(operators: Operators) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello")), quarantined(NO_EVENT))
    await retranslate(operators)
    assert await operators.audited() == [
        ("anna", "CreateChannel", ""),
        ("anna", "Retranslate", "entries that left: 1; that stay: 1; events stored: 1"),
    ]
