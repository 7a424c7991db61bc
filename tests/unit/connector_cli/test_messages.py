"""What the commands ask of a server; what a server makes of it is shown in tests/e2e/test_cli_messages.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import grpc
import pytest
from typer.testing import CliRunner, Result

from connector_cli.commands import app
from expertflow.connector.v1.connector_service_pb2 import RetryMessageRequest, RetryMessageResponse
from expertflow.connector.v1.connector_service_pb2_grpc import (
    ConnectorServiceServicer,
    add_ConnectorServiceServicer_to_server,
)
from expertflow.connector.v1.operations_service_pb2 import (
    MESSAGE_RESOLUTION_RESEND,
    MESSAGE_RESOLUTION_SENT,
    CancelMessagesRequest,
    CancelMessagesResponse,
    MessageResolution,
    ResolveMessageRequest,
    ResolveMessageResponse,
)
from expertflow.connector.v1.operations_service_pb2_grpc import (
    OperationsServiceServicer,
    add_OperationsServiceServicer_to_server,
)
from expertflow.connector.v1.outbound_pb2 import SEND_ORIGIN_BOT, SEND_ORIGIN_UNSPECIFIED, OutboundMessage

PAGE_ID = "104792690000001"


class Scripted(ConnectorServiceServicer, OperationsServiceServicer):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[RetryMessageRequest | CancelMessagesRequest | ResolveMessageRequest] = []

    async def RetryMessage(  # noqa: N802 - here and below, the stub's base class serves sync servers too
        self, request: RetryMessageRequest, _context: object
    ) -> RetryMessageResponse:
        self.asked.append(request)
        return RetryMessageResponse(message=OutboundMessage(id=request.id, state="SEND_STATE_QUEUED"))

    async def CancelMessages(  # noqa: N802
        self, request: CancelMessagesRequest, _context: object
    ) -> CancelMessagesResponse:
        self.asked.append(request)
        return CancelMessagesResponse(cancelled_count=2, in_flight_count=1)

    async def ResolveMessage(  # noqa: N802
        self, request: ResolveMessageRequest, _context: object
    ) -> ResolveMessageResponse:
        self.asked.append(request)
        return ResolveMessageResponse(message=OutboundMessage(id=request.id, state="SEND_STATE_SENT"))


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    scripted, server = Scripted(), grpc.aio.server()  # type: ignore[abstract]
    add_ConnectorServiceServicer_to_server(scripted, server)
    add_OperationsServiceServicer_to_server(scripted, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("FBC_SERVER", f"127.0.0.1:{port}")
    yield scripted
    await server.stop(None)


async def typed(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["messages", *arguments])


@pytest.mark.parametrize(
    ("verdict", "resolution"), [("sent", MESSAGE_RESOLUTION_SENT), ("resend", MESSAGE_RESOLUTION_RESEND)]
)
async def test_a_verdict_is_a_resolution(server: Scripted, verdict: str, resolution: MessageResolution) -> None:
    result = await typed("resolve", "id-1", verdict, "--page", PAGE_ID)
    (request,) = server.asked
    assert isinstance(request, ResolveMessageRequest)
    assert (request.id, request.page_id, request.resolution) == ("id-1", PAGE_ID, resolution)
    assert request.request_id
    assert (result.exit_code, result.stdout) == (0, "SENT id-1\n")


async def test_another_verdict_is_not_understood(server: Scripted) -> None:
    assert (await typed("resolve", "id-1", "lost")).exit_code == 2
    assert server.asked == []


async def test_a_retry_may_have_another_time_to_live(server: Scripted) -> None:
    result = await typed("retry", "id-1", "--ttl", "1.5")
    await typed("retry", "id-1")
    first, second = server.asked
    assert isinstance(first, RetryMessageRequest)
    assert isinstance(second, RetryMessageRequest)
    assert (first.ttl.ToMilliseconds(), second.HasField("ttl")) == (1500, False)
    assert first.request_id != second.request_id
    assert result.stdout == "QUEUED id-1\n"


async def test_what_is_cancelled_is_chosen_by_the_options(server: Scripted) -> None:
    options = ("--psid", "7001", "--origin", "bot", "--before", "2026-11-30T08:00+00:00", "--yes")
    result = await typed("cancel", PAGE_ID, *options)
    (request,) = server.asked
    assert isinstance(request, CancelMessagesRequest)
    assert (request.page_id, request.psid, request.origin) == (PAGE_ID, "7001", SEND_ORIGIN_BOT)
    assert request.accepted_before.ToDatetime(UTC) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert result.stdout == "2 messages are cancelled; 1 were under way already\n"


async def test_ids_need_no_question_and_all_means_all(server: Scripted) -> None:
    assert (await typed("cancel", PAGE_ID, "id-1", "id-2")).exit_code == 0
    assert (await typed("cancel", PAGE_ID, "--all", "--yes")).exit_code == 0
    named, every = server.asked
    assert isinstance(named, CancelMessagesRequest)
    assert isinstance(every, CancelMessagesRequest)
    assert (list(named.ids), list(every.ids), every.origin) == (["id-1", "id-2"], [], SEND_ORIGIN_UNSPECIFIED)
