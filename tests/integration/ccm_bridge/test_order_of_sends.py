"""The order in which the server gets what CCM sends while it takes nothing for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from ccm_bridge import messages
from ccm_bridge.app import running_bridge
from ccm_bridge.settings import BridgeSettings
from expertflow.connector.v1.connector_service_pb2 import SendMessageRequest, SendMessageResponse
from tests.support.ccm_stand_in import Message, StandInCcm, agent_message, stand_in_ccm
from tests.support.channels import ANA, BEN, PAGE_ID

TYPING = {"type": "NOTIFICATION", "notificationType": "TYPING_STARTED", "notificationData": {}}


class BusyServer:
    """Answers SendMessage; refuses what says "one" until told otherwise."""

    def __init__(self) -> None:
        self.busy = True
        self.refused = 0
        self.accepted: list[str] = []

    @property
    def handler(self) -> grpc.GenericRpcHandler:
        send = grpc.unary_unary_rpc_method_handler(
            self._send, SendMessageRequest.FromString, SendMessageResponse.SerializeToString
        )
        return grpc.method_handlers_generic_handler("expertflow.connector.v1.ConnectorService", {"SendMessage": send})

    async def _send(self, request: SendMessageRequest, context: Any) -> SendMessageResponse:
        if self.busy and request.message.body.markdown_text == "one":
            self.refused += 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "busy")
        self.accepted.append(request.message.body.markdown_text)
        return SendMessageResponse(id=request.message.id, state="SEND_STATE_QUEUED")

    async def has_refused(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.refused < count:  # noqa: ASYNC110 - the server has no event to wait for
                await asyncio.sleep(0.01)


@asynccontextmanager
async def bridged() -> AsyncIterator[tuple[BusyServer, StandInCcm]]:
    busy, server = BusyServer(), grpc.aio.server()
    server.add_generic_rpc_handlers([busy.handler])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with stand_in_ccm() as ccm:
            settings = BridgeSettings.load(ccm_url=ccm.url, server=f"127.0.0.1:{port}", bridge_listen="127.0.0.1:0")
            async with running_bridge(settings, grace_s=1) as running:
                ccm.provider_webhook = running.url
                yield busy, ccm
    finally:
        await server.stop(None)


def text(words: str, psid: str = ANA) -> Message:
    return agent_message(PAGE_ID, psid, {"type": "PLAIN", "markdownText": words})


async def test_a_reply_does_not_overtake_the_one_before_it_which_is_tried_again() -> None:
    async with bridged() as (server, ccm), asyncio.TaskGroup() as group:
        one = group.create_task(ccm.sends(text("one")))
        await server.has_refused(1)
        two = group.create_task(ccm.sends(text("two")))
        # Others are not held up by it, and typing is not either.
        assert (await ccm.sends(text("to ben", BEN))).status_code == 200
        assert (await ccm.sends(agent_message(PAGE_ID, ANA, TYPING))).status_code == 200
        await server.has_refused(3)
        server.busy = False
        assert [(await each).status_code for each in (one, two)] == [200, 200]
        assert server.accepted == ["to ben", "", "one", "two"]


async def test_what_waits_too_long_for_the_one_before_it_is_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bridged() as (server, ccm), asyncio.TaskGroup() as group:
        one = group.create_task(ccm.sends(text("one")))
        await server.has_refused(1)
        monkeypatch.setattr(messages, "CALL_TIMEOUT_S", 0.1)
        answer = await ccm.sends(text("two"))
        server.busy = False

        assert (answer.status_code, answer.headers["retry-after"], answer.json()["reason"]) == (503, "5", "OVERLOADED")
        assert (await one).status_code == 200
        assert server.accepted == ["one"]
