from __future__ import annotations

import grpc
import pytest

from expertflow.connector.v1.inbound_event_pb2 import QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import (
    INGEST_OUTCOME_DUPLICATE,
    INGEST_OUTCOME_QUARANTINED,
    INGEST_OUTCOME_STORED,
    IngestItem,
)
from tests.support.inbound_wire import Ended, Wire, an_event


async def test_each_item_gets_its_result_in_its_place(wire: Wire) -> None:
    unreadable = IngestItem(quarantined=QuarantinedItem(reason="NOT_JSON", raw=b"{"))

    results = await wire.ingest(
        an_event("m_1"), unreadable, an_event("m_1"), an_event("m_2", page_id="9"), an_event("m_3", psid="7" * 65)
    )

    assert [(result.outcome, result.quarantine_reason) for result in results] == [
        (INGEST_OUTCOME_STORED, ""),
        (INGEST_OUTCOME_QUARANTINED, "NOT_JSON"),
        (INGEST_OUTCOME_DUPLICATE, ""),
        (INGEST_OUTCOME_QUARANTINED, "UNKNOWN_PAGE"),
        (INGEST_OUTCOME_QUARANTINED, "INVALID_EVENT"),
    ]


async def test_a_batch_of_nothing_is_refused(wire: Wire) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await wire.ingest()

    end = Ended.of(refused.value.code(), refused.value.trailing_metadata() or ())
    assert end == Ended(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", {"field": "items"}, ("items",))


async def test_what_is_stored_is_delivered_to_who_waits(wire: Wire) -> None:
    async with wire.stream() as stream:
        await wire.ingest(an_event("m_1"), an_event("m_1"))
        received = await stream.message()
        await stream.ack(received)
        await stream.results()
        await stream.nothing_before_pong()

    assert received.message.id == "cim-m_1"
