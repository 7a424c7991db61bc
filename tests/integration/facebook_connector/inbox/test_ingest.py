from __future__ import annotations

import pytest

from expertflow.connector.v1 import inbound_pb2, ingest_service_pb2
from facebook_connector.delivery.values import QuarantineRecord
from facebook_connector.store.errors import StoreUnavailable
from tests.integration.facebook_connector.inbox.conftest import Room
from tests.support.inbound_records import an_event

STORED = ingest_service_pb2.INGEST_OUTCOME_STORED
DUPLICATE = ingest_service_pb2.INGEST_OUTCOME_DUPLICATE
QUARANTINED = ingest_service_pb2.INGEST_OUTCOME_QUARANTINED


async def test_each_item_gets_its_outcome(room: Room) -> None:
    unreadable = QuarantineRecord(reason="NOT_JSON", detail="", page_id="", raw=b"{")

    outcomes = await room.ingest(an_event("m_1"), unreadable, an_event("m_1"), an_event("m_2"))

    assert [outcome.outcome for outcome in outcomes] == [STORED, QUARANTINED, DUPLICATE, STORED]


async def test_an_item_that_the_database_refuses_stops_no_other(room: Room) -> None:
    faulty = an_event("m_3", kind=inbound_pb2.EVENT_KIND_UNSPECIFIED)
    events = [an_event(f"m_{number}") for number in range(3)]

    outcomes = await room.ingest(events[0], events[1], faulty, events[2])

    assert [outcome.outcome for outcome in outcomes] == [STORED, STORED, QUARANTINED, STORED]
    assert outcomes[2].quarantine_reason == "STORE_REJECTED"
    stream = await room.open()
    arrived = []
    for _ in events:
        (delivery,) = await stream.deliveries()
        arrived.append(delivery.head.cim_id)
        stream.stream.acknowledge([delivery.ack_id])
    assert arrived == ["cim-m_0-0", "cim-m_1-0", "cim-m_2-0"]


async def test_a_store_that_is_away_is_told_to_the_caller_and_a_repeat_is_safe(room: Room) -> None:
    room.database.take_away()
    with pytest.raises(StoreUnavailable):
        await room.ingest(an_event("m_1"))
    room.database.give_back()

    assert [outcome.outcome for outcome in await room.ingest(an_event("m_1"))] == [STORED]
