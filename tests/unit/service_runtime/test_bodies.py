from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from service_runtime import bodies
from service_runtime.bodies import BODIES_AT_ONCE, BodiesFullError, BodyReader, BodyTooLargeError

LIMIT = 100


def _request(*chunks: bytes, headers: dict[str, str] | None = None, ends: bool = True) -> Request:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if ends:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    waiting = iter(messages)

    async def receive() -> Any:
        for message in waiting:
            return message
        return await asyncio.get_running_loop().create_future()

    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "headers": raw}, receive)


@pytest.fixture
async def held() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_chunks_are_put_together() -> None:
    async with BodyReader(limit_bytes=LIMIT).read(_request(b"a" * 60, b"b" * 40)) as body:
        assert body == b"a" * 60 + b"b" * 40


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(BodyTooLargeError):
        async with BodyReader(limit_bytes=LIMIT).read(_request(headers={"content-length": "101"})):
            pass


@pytest.mark.parametrize("declared", ["", "-5", "1e9", "١٢٣٤"])
async def test_a_declared_length_that_is_no_number_counts_for_nothing(declared: str) -> None:
    async with BodyReader(limit_bytes=LIMIT).read(_request(b"abc", headers={"content-length": declared})) as body:
        assert body == b"abc"


async def test_a_body_that_grows_over_the_limit_is_refused() -> None:
    with pytest.raises(BodyTooLargeError):
        async with BodyReader(limit_bytes=LIMIT).read(_request(b"a" * 60, b"b" * 41)):
            pass


async def test_bodies_beyond_the_memory_set_aside_are_refused(held: AsyncExitStack) -> None:
    reader = BodyReader(limit_bytes=LIMIT)
    for _ in range(BODIES_AT_ONCE):
        await held.enter_async_context(reader.read(_request(b"a" * LIMIT)))

    with pytest.raises(BodiesFullError):
        await held.enter_async_context(reader.read(_request(b"a")))


@pytest.mark.parametrize("body", [b"a" * LIMIT, b"a" * (LIMIT + 1)], ids=["taken", "refused"])
async def test_memory_comes_back_whatever_became_of_the_body(body: bytes) -> None:
    reader = BodyReader(limit_bytes=LIMIT)
    for _ in range(BODIES_AT_ONCE + 1):
        try:
            async with reader.read(_request(body)):
                pass
        except BodyTooLargeError:
            pass


async def test_a_sender_that_stalls_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.01)
    with pytest.raises(TimeoutError):
        async with BodyReader(limit_bytes=LIMIT).read(_request(b"a", ends=False)):
            pass


async def test_the_block_has_so_long_from_the_last_byte_on() -> None:
    with pytest.raises(TimeoutError):
        async with BodyReader(limit_bytes=LIMIT).read(_request(b"a"), within_s=0.01):
            await asyncio.Event().wait()


@pytest.mark.parametrize("within_s", [None, 60.0])
async def test_the_time_for_reading_is_not_the_blocks(within_s: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.05)
    async with BodyReader(limit_bytes=LIMIT).read(_request(b"a"), within_s=within_s):
        await asyncio.sleep(0.1)


async def test_a_sender_that_hangs_up_is_known_as_such() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        async with BodyReader(limit_bytes=LIMIT).read(Request({"type": "http", "headers": []}, receive)):
            pass
