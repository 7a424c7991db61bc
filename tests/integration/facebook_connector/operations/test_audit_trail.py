from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1.channel_pb2 import Channel
from expertflow.connector.v1.channel_service_pb2 import (
    CreateChannelRequest,
    DeleteChannelRequest,
    UpdateChannelRequest,
)
from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest
from tests.support.operators import ANNA, BEN, Operators, refusal


async def create(operators: Operators, page_id: str, request_id: str = "") -> None:
    await operators.channels.CreateChannel(
        CreateChannelRequest(channel=Channel(page_id=page_id), request_id=request_id), metadata=ANNA
    )


async def test_it_tells_who_did_what_newest_first(operators: Operators) -> None:
    await create(operators, "1001", "r-1")
    await create(operators, "1001", "r-1")
    await operators.channels.UpdateChannel(
        UpdateChannelRequest(
            channel=Channel(page_id="1001", app_id="555"), update_mask=FieldMask(paths=["tenant_id", "app_id"])
        ),
        metadata=BEN,
    )
    await operators.channels.DeleteChannel(DeleteChannelRequest(page_id="1001"), metadata=ANNA)

    found = await operators.operations.ListAuditEvents(ListAuditEventsRequest(), metadata=BEN)

    assert [(one.actor, one.action, one.target, one.detail, one.request_id) for one in found.audit_events] == [
        ("anna", "DeleteChannel", "1001", "waiting messages that failed: 0", ""),
        ("ben", "UpdateChannel", "1001", "fields: app_id, tenant_id", ""),
        ("anna", "CreateChannel", "1001", "", "r-1"),
    ]


async def test_a_call_that_is_refused_leaves_no_event(operators: Operators) -> None:
    code, _ = await refusal(operators.channels.DeleteChannel(DeleteChannelRequest(page_id="1001"), metadata=ANNA))
    assert code == "NOT_FOUND"
    assert not (await operators.operations.ListAuditEvents(ListAuditEventsRequest(), metadata=ANNA)).audit_events


async def test_pages_follow_one_another_with_the_same_filters_only(operators: Operators) -> None:
    for page_id in ("1", "2", "3"):
        await create(operators, page_id)
    first = await operators.operations.ListAuditEvents(ListAuditEventsRequest(page_size=2, actor="anna"), metadata=ANNA)
    second = await operators.operations.ListAuditEvents(
        ListAuditEventsRequest(page_size=2, actor="anna", page_token=first.next_page_token), metadata=ANNA
    )

    assert [[event.target for event in page.audit_events] for page in (first, second)] == [["3", "2"], ["1"]]
    assert second.next_page_token == ""
    code, info = await refusal(
        operators.operations.ListAuditEvents(ListAuditEventsRequest(page_token=first.next_page_token), metadata=ANNA)
    )
    assert (code, info.reason) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")


async def test_a_filter_chooses_by_time(operators: Operators) -> None:
    await create(operators, "1001")
    (event,) = (await operators.operations.ListAuditEvents(ListAuditEventsRequest(), metadata=ANNA)).audit_events

    until = await operators.operations.ListAuditEvents(ListAuditEventsRequest(end_time=event.event_time), metadata=ANNA)
    since = await operators.operations.ListAuditEvents(
        ListAuditEventsRequest(start_time=event.event_time), metadata=ANNA
    )

    assert (len(until.audit_events), len(since.audit_events)) == (0, 1)
    code, info = await refusal(
        operators.operations.ListAuditEvents(ListAuditEventsRequest(start_time=Timestamp(nanos=-1)), metadata=ANNA)
    )
    assert (code, info.reason, dict(info.metadata)) == ("INVALID_ARGUMENT", "INVALID_FIELD", {"field": "start_time"})
