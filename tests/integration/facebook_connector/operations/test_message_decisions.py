"""Decisions about messages through the API. Facebook is nowhere to be reached, so messages wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from expertflow.cim.v1.notification_pb2 import DELIVERY_STATUS_FAILED
from expertflow.connector.v1.connector_service_pb2 import RetryMessageRequest, SendMessageRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.operations_service_pb2 import (
    MESSAGE_RESOLUTION_SENT,
    MESSAGE_RESOLUTION_UNSPECIFIED,
    CancelMessagesRequest,
    ListAuditEventsRequest,
    MessageResolution,
    ResolveMessageRequest,
)
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_QUEUED
from facebook_connector.operations.message_decisions import RESOLUTIONS
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.channels import PAGE_ID
from tests.support.operators import refusal
from tests.support.outbox_world import text_message

if TYPE_CHECKING:
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub

Request: TypeAlias = CancelMessagesRequest | ResolveMessageRequest | RetryMessageRequest


def connector(console: Console) -> ConnectorServiceAsyncStub:
    return ConnectorServiceStub(console.wire.channel)


async def waiting(console: Console, cim_id: str = "out-1") -> None:
    request = SendMessageRequest(message=text_message("Hello", cim_id, psid="70001"))
    request.message.header.channel_data.service_identifier = PAGE_ID
    request.options.wait.seconds = 0
    await connector(console).SendMessage(request)


def test_every_resolution_is_known() -> None:
    assert set(RESOLUTIONS) == set(MessageResolution.values()) - {MESSAGE_RESOLUTION_UNSPECIFIED}


async def test_what_is_cancelled_is_told_on_the_stream_and_can_be_tried_again(console: Console) -> None:
    await waiting(console)
    answer = await console.operations.CancelMessages(CancelMessagesRequest(page_id=PAGE_ID, request_id="r-1"))
    assert (answer.cancelled_count, answer.in_flight_count) == (1, 0)
    (told,) = await console.delivered("ccm", 1)
    body = told.message.body.delivery_notification
    assert (body.message_id, body.status) == ("out-1", DELIVERY_STATUS_FAILED)

    retried = await connector(console).RetryMessage(RetryMessageRequest(id="out-1", request_id="r-2"))
    assert retried.message.state == SEND_STATE_QUEUED
    repeat = await connector(console).RetryMessage(RetryMessageRequest(id="out-1", request_id="r-2"))
    assert repeat == retried
    events = (await console.operations.ListAuditEvents(ListAuditEventsRequest())).audit_events
    assert [(event.action, event.target) for event in events][:2] == [
        ("RetryMessage", "out-1"),
        ("CancelMessages", PAGE_ID),
    ]


async def call(console: Console, request: Request) -> object:
    match request:
        case CancelMessagesRequest():
            return await console.operations.CancelMessages(request)
        case ResolveMessageRequest():
            return await console.operations.ResolveMessage(request)
        case _:
            return await connector(console).RetryMessage(request)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (RetryMessageRequest(id="out-1"), "MESSAGE_NOT_RETRYABLE"),
        (ResolveMessageRequest(id="out-1", resolution=MESSAGE_RESOLUTION_SENT), "MESSAGE_NOT_UNCERTAIN"),
    ],
)
async def test_a_decision_that_does_not_fit_the_state_is_refused_with_the_state(
    console: Console, request_: Request, reason: str
) -> None:
    await waiting(console)
    code, info = await refusal(call(console, request_))
    assert (code, info.reason) == ("FAILED_PRECONDITION", reason)
    assert dict(info.metadata) == {"id": "out-1", "state": "QUEUED"}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (CancelMessagesRequest(page_id="1"), "CHANNEL_NOT_FOUND"),
        (CancelMessagesRequest(), "INVALID_FIELD"),
        (CancelMessagesRequest(page_id=PAGE_ID, ids=["\0"]), "INVALID_FIELD"),
        (CancelMessagesRequest(page_id=PAGE_ID, ids=map(str, range(1001))), "INVALID_FIELD"),
        (ResolveMessageRequest(id="out-1"), "INVALID_FIELD"),
        (ResolveMessageRequest(id="out-1", resolution=MESSAGE_RESOLUTION_SENT), "MESSAGE_NOT_FOUND"),
        (RetryMessageRequest(), "INVALID_FIELD"),
        (RetryMessageRequest(id="out-1"), "MESSAGE_NOT_FOUND"),
    ],
)
async def test_a_bad_request_says_what_is_wrong(console: Console, request_: Request, reason: str) -> None:
    assert (await refusal(call(console, request_)))[1].reason == reason
