"""A small CCM that speaks REST, with the bridge before it: what it reads and answers is the desk's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from google.protobuf.json_format import ParseDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ccm_bridge.app import running_bridge
from cim_messenger import cim_json
from connector_cli.demo.desk import Desk
from connector_cli.demo.reading import Arrival
from connector_cli.demo.stage import ANY_PORT, Stage, bridge_settings
from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext
from service_runtime.http_server import bound, served
from service_runtime.lifecycle import Tasks
from service_runtime.listen import Address

GRACE_S = 1


@asynccontextmanager
async def by_rest(stage: Stage, desk: Desk, tasks: Tasks) -> AsyncIterator[None]:
    """The contact centre speaks REST with the bridge while the block runs; neither knows gRPC."""
    with bound(Address.parse(ANY_PORT), setting="the demo's CCM") as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            running_bridge(bridge_settings(stage, url), grace_s=GRACE_S) as bridge,
            httpx.AsyncClient(base_url=bridge.url, trust_env=False) as client,
        ):
            ccm = RestCcm(client, desk)
            app = Starlette(routes=[Route("/message/receive", ccm.receive, methods=["POST"])])
            async with served(app, listener, tasks, grace_s=GRACE_S):
                yield


class RestCcm:
    """Takes messages at `/message/receive` and posts its own to `/cim-messages`."""

    def __init__(self, client: httpx.AsyncClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk

    async def receive(self, request: Request) -> Response:
        """Answers 200 when the message is read and answered: that is its acknowledgement."""
        arrival = arrived(await request.body())
        await self._desk.reads(arrival, self._send)
        self._desk.has_acknowledged(arrival)
        return JSONResponse({"messageId": arrival.message.id, "status": "DELIVERED", "reasonCode": 200})

    async def _send(self, message: message_pb2.CimMessage) -> str:
        answer = await self._client.post(
            "/cim-messages",
            content=cim_json.encode(message).encode(),
            headers={"content-type": "application/json"},
        )
        taken = answer.status_code == HTTPStatus.OK and answer.json()["state"] != "FAILED"
        return "" if taken else f"was answered {answer.status_code}: {answer.text}"


def arrived(body: bytes) -> Arrival:
    """What the bridge posts: a CIM message, with Messenger's context in its entities."""
    message = cim_json.decode(body)
    entities = json.loads(message.header.entities.text or "{}")
    told = {key: value for key, value in entities.get("messenger", {}).items() if key != "more"}
    return Arrival(message=message, context=ParseDict(told, MessengerContext(), ignore_unknown_fields=True))
