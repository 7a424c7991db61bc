"""A CCM on a real port: takes messages as the Java model would, answers as documented, and writes JSON as Jackson does.

It states CCM's rules a second time and shares no code with the connector. It can be down, slow, and answer anything.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from messenger_sandbox.serving import listening
from tests.support.processes import free_port

Message = dict[str, Any]

VALUE_TYPES = {
    "Alphanum100", "AlphanumSpecial200", "String2000", "String50", "String100", "PositiveNumber", "IP", "Number",
    "PhoneNumber", "URL", "Boolean", "Email", "Password", "StringList", "WebChannelData",
}  # fmt: skip
ENUMS: Mapping[str, set[str]] = {
    "status": {"DELIVERED", "READ", "CONNECTED", "FAILED"},
    "buttonMessageType": {"BUTTON", "QUICK_REPLIES"},
}
NOT_READ_BY_JACKSON = {"CAROUSEL", "MULTIMEDIA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One post to /message/receive."""

    message: Message
    tenant: str | None
    status: int

    @property
    def key(self) -> str:
        channel = self.message["header"]["channelData"]
        return f"{channel['serviceIdentifier']}/{channel['channelCustomerIdentifier']}"


@dataclass(slots=True)
class StandInCcm:
    """`statuses` are given out one by one, then 200 for ever; each may come with a body."""

    port: int = field(default_factory=free_port)
    calls: list[Call] = field(default_factory=list)
    statuses: deque[int] = field(default_factory=deque)
    always: int = 0
    """Answers everything with this status, until it is 0 again."""
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer_body: Any = None
    """Instead of the documented one."""
    configurations: dict[str, Any] = field(default_factory=dict)
    """What it answers when it is asked for a page's settings: attributes, or a status."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """The pages it was asked for, and the tenants in whose names."""
    speaks: asyncio.Event = field(default_factory=asyncio.Event)
    """Keeps every call waiting while it is not set."""
    waiting: int = 0
    """Calls that have come and have no answer yet."""
    _grown: asyncio.Event = field(default_factory=asyncio.Event)
    _listener: AsyncExitStack = field(default_factory=AsyncExitStack)
    provider_webhook: str = ""
    """Where it sends what agents write: the connector's base address."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def taken(self) -> list[Message]:
        """What it answered well, in the order in which it came."""
        return [call.message for call in self.calls if call.status in {200, 202}]

    @property
    def texts(self) -> list[str]:
        return [message["body"]["markdownText"] for message in self.taken]

    def of(self, body_type: str) -> list[Message]:
        """Taken messages of one type."""
        return [message for message in self.taken if message["body"]["type"] == body_type]

    async def come_up(self) -> None:
        app = Starlette(
            routes=[
                Route("/message/receive", self._receive, methods=["POST"]),
                Route("/channel-connectors/configurations/{page_id}", self._configurations, methods=["GET"]),
            ]
        )
        await self._listener.enter_async_context(listening(app, host="127.0.0.1", port=self.port))

    async def go_down(self) -> None:
        """Nobody listens any more."""
        await self._listener.aclose()

    async def has_taken(self, count: int, *, within_s: float = 20, body_type: str = "") -> list[Message]:
        """Returns when so many messages (of a type) were answered well; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while len(found := self.of(body_type) if body_type else self.taken) < count:
                await self._next_call()
        return found

    async def was_called(self, count: int, *, within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while len(self.calls) < count:
                await self._next_call()

    async def sends(self, message: Message, **headers: str) -> httpx.Response:
        """Gives the connector a message as CCM does, `type` twice."""
        async with httpx.AsyncClient(timeout=20) as client:
            return await client.post(
                f"{self.provider_webhook}/cim-messages",
                content=as_jackson_writes(message),
                headers={"content-type": "application/json", "tenantid": "expertflow", **headers},
            )

    async def pushes(self, page_id: str, values: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Gives the connector the settings of a channel, as when they are saved in Unified Admin."""
        async with httpx.AsyncClient(timeout=20) as client:
            url = f"{self.provider_webhook}/connector-configurations"
            return await client.post(url, json=push(page_id, values), headers=headers)

    async def was_asked(self, count: int, *, within_s: float = 20) -> None:
        """Returns when it was asked so often for settings; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while len(self.asked) < count:
                await self._next_call()

    async def _next_call(self) -> None:
        self._grown.clear()
        await self._grown.wait()

    async def _receive(self, request: Request) -> Response:
        message = await request.json()
        self.waiting += 1
        try:
            await self.speaks.wait()
        finally:
            self.waiting -= 1
        status, body = self._verdict(message)
        self.calls.append(Call(message=message, tenant=request.headers.get("tenantid"), status=status))
        self._grown.set()
        return JSONResponse(body, status_code=status, headers=self.answer_headers)

    async def _configurations(self, request: Request) -> Response:
        page_id = request.path_params["page_id"]
        self.asked.append((page_id, request.headers.get("tenantid")))
        told = self.configurations.get(page_id, 404)  # what it knows when it is asked, however late it says so
        self._grown.set()
        await self.speaks.wait()
        if isinstance(told, int):
            return Response(status_code=told, headers=self.answer_headers)
        return JSONResponse(attributes(told) if isinstance(told, dict) else told)

    def _verdict(self, message: Message) -> tuple[int, Any]:
        if problem := unreadable(message):
            return 400, {"status": 400, "error": "Bad Request", "message": problem}
        status = self.always or (self.statuses.popleft() if self.statuses else 200)
        return status, self.answer_body or documented_answer(message, status)


def attributes(values: Mapping[str, Any]) -> list[Message]:
    """A connector's settings as CCM has them."""
    types = {"FACEBOOK-HOST-URL": "URL", "FACEBOOK-HUMAN-AGENT": "Boolean"}
    return [{"key": key, "type": types.get(key, "String2000"), "value": value} for key, value in values.items()]


def push(page_id: str, values: Mapping[str, Any]) -> Message:
    """What CCM posts when they are saved."""
    return {"serviceIdentifier": page_id, "connectorConfigurations": attributes(values)}


def documented_answer(message: Message, status: int) -> Message:
    if status >= 300:
        return {"status": status, "error": f"CCM says {status}"}
    told = {"type": "DELIVERYNOTIFICATION", "markdownText": None, "messageId": message["id"], "status": "DELIVERED"}
    return {**told, "reasonCode": 200}


def unreadable(message: Message) -> str:
    """Why the Java model fails on it; empty if it does not."""
    header, body = message["header"], message["body"]
    if body["type"] in NOT_READ_BY_JACKSON:
        return f"Conflicting setter definitions for {body['type']}"
    if not isinstance(header.get("timestamp"), int | None):
        return "timestamp"
    if header["entities"] is not None and not isinstance(header["entities"], dict):
        return "entities is no map"
    for attribute in header["channelData"].get("additionalAttributes", ()):
        if attribute["type"] not in VALUE_TYPES:
            return f"{attribute['type']} is not one of the values accepted for Enum class"
    for name, values in ENUMS.items():
        if body.get(name) is not None and body[name] not in values:
            return f"{body[name]} is not one of the values accepted for Enum class"
    return ""


def reply_to(received: Message, text: str, **changes: Any) -> Message:
    """What an agent answers, quoting, as the desk and CCM write it; `changes` are of the header."""
    channel = received["header"]["channelData"]
    return agent_message(
        channel["serviceIdentifier"],
        channel["channelCustomerIdentifier"],
        {"type": "PLAIN", "markdownText": text},
        **{"intent": "REPLY_TO", "originalMessageId": received["id"], **changes},
    )


def agent_message(page: str, psid: str, body: Message, **changes: Any) -> Message:
    """An agent's message with everything that CCM adds."""
    header: Message = {
        "sender": {"id": str(uuid.uuid4()), "type": "AGENT", "senderName": "nils", "additionalDetail": None},
        "channelData": {
            "channelCustomerIdentifier": psid,
            "serviceIdentifier": page,
            "requestPriority": 0,
            "customerFirstName": None,
            "customerLastName": None,
            "additionalAttributes": [],
        },
        "language": {},
        "timestamp": "2026-01-01T00:00:42.000+00:00",
        "securityInfo": {},
        "stamps": [],
        "intent": None,
        "entities": {},
        "channelSessionId": "6a0f4d00e4b0a1b2c3d4e5cc",
        "conversationId": "6a0f4d00e4b0a1b2c3d4e5aa",
        "customer": {"_id": "6a0f4c99e4b0a1b2c3d4e500", "firstName": "Ana", "phoneNumber": [], "isAnonymous": True},
        "originalMessageId": None,
        "providerMessageId": None,
        "roomId": None,
        "schedulingMetaData": None,
        "additionalData": None,
    }
    return {"id": uuid.uuid4().hex[:24], "header": {**header, **changes}, "body": body}


def as_jackson_writes(message: Message) -> bytes:
    """JSON with `type` twice in the body: the type-info writer and the bean property both emit it."""
    body = message.get("body")
    if not isinstance(body, dict) or "type" not in body:
        return json.dumps(message).encode()
    shell = json.dumps({**message, "body": "@BODY@"}, ensure_ascii=False)
    first, rest = json.dumps(body["type"]), json.dumps(body, ensure_ascii=False)
    return shell.replace('"@BODY@"', f'{{"type":{first},{rest[1:]}').encode()


@asynccontextmanager
async def stand_in_ccm() -> AsyncIterator[StandInCcm]:
    ccm = StandInCcm()
    ccm.speaks.set()
    await ccm.come_up()
    try:
        yield ccm
    finally:
        ccm.speaks.set()
        await ccm.go_down()
