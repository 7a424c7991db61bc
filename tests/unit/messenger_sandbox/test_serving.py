from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from messenger_sandbox.serving import CUT, listening


class Answering:
    """An application that answers when it may, or cuts in the middle."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.cuts = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.set()
        await self.may_answer.wait()
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        if self.cuts:
            scope["extensions"][CUT]()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.body", "body": b"67890"})


@pytest.fixture
async def app() -> Answering:
    return Answering()


async def get(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).text


async def test_a_call_that_is_being_answered_is_finished(app: Answering) -> None:
    async with listening(app, host="127.0.0.1", port=0) as url:
        call = asyncio.create_task(get(url))
        await app.asked.wait()
        asyncio.get_running_loop().call_later(0.05, app.may_answer.set)
    assert await call == "1234567890"


async def test_a_call_that_outlasts_the_grace_is_cut_without_a_word(
    app: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(app, host="127.0.0.1", port=0, grace_s=0) as url:
        call = asyncio.create_task(get(url))
        await app.asked.wait()
    with pytest.raises(httpx.RemoteProtocolError):
        await call
    assert caplog.messages == []


async def test_an_application_can_cut_a_connection(app: Answering) -> None:
    app.may_answer.set()
    app.cuts = True
    async with listening(app, host="127.0.0.1", port=0) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await get(url)


async def test_answers_are_dated(app: Answering) -> None:
    app.may_answer.set()
    async with listening(app, host="127.0.0.1", port=0) as url, httpx.AsyncClient(trust_env=False) as client:
        assert "date" in (await client.get(url)).headers
