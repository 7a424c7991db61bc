from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from expertflow.connector.v1.ingest_service_pb2 import ListWebhookKeysResponse
from facebook_gateway import key_cache
from facebook_gateway.key_cache import UNSIGNED_NOTICE_S, KeyCache
from facebook_gateway.server_link import ServerUnavailableError
from facebook_gateway.webhook_keys import WebhookKeys
from service_runtime.lifecycle import Tasks


class Server:
    """Gives the keys that it has when a read begins; `gate` holds reads up, `down` fails them."""

    def __init__(self) -> None:
        self.unsigned: list[str] = []
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.down = False

    async def read(self) -> WebhookKeys:
        self.reads += 1
        keys = WebhookKeys.of(ListWebhookKeysResponse(unsigned_page_ids=self.unsigned))
        self.entered.set()
        await self.gate.wait()
        if self.down:
            raise ServerUnavailableError("UNAVAILABLE")
        return keys


class StillClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(key_cache, "BETWEEN_READS_S", 0.02)
    return Server()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def cache(server: Server, clock: StillClock) -> AsyncIterator[KeyCache]:
    """Its first read has begun and is held up."""
    server.gate.clear()
    cache = KeyCache(server.read, clock)
    async with Tasks() as tasks:
        tasks.start("keys", cache.run())
        await server.entered.wait()
        yield cache


def _pages(keys: WebhookKeys | None) -> set[str]:
    assert keys is not None
    return set(keys.unsigned_pages)


async def test_the_first_read_is_waited_for(cache: KeyCache, server: Server) -> None:
    known = asyncio.create_task(cache.known())
    await asyncio.sleep(0)
    assert not known.done()
    server.gate.set()

    assert await known is not None
    assert server.reads == 1


async def test_known_keys_cost_no_read(cache: KeyCache, server: Server) -> None:
    server.gate.set()
    await cache.known()
    await cache.known()

    assert server.reads == 1


async def test_renewed_keys_are_those_of_a_read_that_began_later(cache: KeyCache, server: Server) -> None:
    server.unsigned = ["1"]  # too late for the read that is under way
    renewal = asyncio.create_task(cache.renewed())
    await asyncio.sleep(0)
    server.gate.set()

    assert _pages(await renewal) == {"1"}
    assert server.reads == 2


async def test_many_renewals_share_one_read(cache: KeyCache, server: Server) -> None:
    server.gate.set()
    await cache.known()

    await asyncio.gather(*(cache.renewed() for _ in range(100)))

    assert server.reads == 2


async def test_keys_outlive_a_server_that_is_down(cache: KeyCache, server: Server) -> None:
    server.gate.set()
    server.unsigned = ["1"]
    await cache.renewed()
    server.down = True

    assert _pages(await cache.renewed()) == {"1"}


async def test_without_any_read_there_are_no_keys(cache: KeyCache, server: Server) -> None:
    server.down = True
    server.gate.set()

    assert await cache.known() is None


async def test_a_failed_read_is_repeated_by_itself(cache: KeyCache, server: Server) -> None:
    server.down = True
    server.gate.set()
    assert await cache.known() is None
    server.down = False

    assert await cache.known() is not None


async def test_the_log_reminds_of_unsigned_pages_every_hour(cache: KeyCache, server: Server, clock: StillClock) -> None:
    server.gate.set()
    server.unsigned = ["1"]
    with capture_logs() as lines:
        for clock.seconds in (0, 1, UNSIGNED_NOTICE_S - 1, UNSIGNED_NOTICE_S, UNSIGNED_NOTICE_S + 1):
            await cache.renewed()

    assert [line["page_id"] for line in lines] == ["1", "1"]
