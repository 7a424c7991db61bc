"""Hears on PostgreSQL what other servers tell, on a connection of its own that is made anew whenever it is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from facebook_connector.store.notices import CHANNEL, Notice, Topic, read
from service_runtime.backoff import Backoff
from service_runtime.logs import get_logger

CHECK_EVERY_S = 10.0
"""How often the connection is tried: one that died without a word would otherwise be believed forever."""

CHECK_WITHIN_S = 5.0

RECONNECT = Backoff(first=0.1, cap=5.0)

LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""How a connection fails, or its making; a `TimeoutError` is an OSError."""

_log = get_logger("notices")


class Listener:
    """`run` is its only task. `name` is the server's own: what it said itself is not heard."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], name: str) -> None:
        self._connect = connect
        self._name = name
        self._failures = 0

    async def run(self, hear: Callable[[Notice], None]) -> None:
        """Calls `hear` with every notice until cancelled; after each (re)connection with `MISSED` first."""
        while True:
            try:
                await self._listen(hear)
            except LOST as error:
                self._failures += 1
                if self._failures == 1:
                    _log.warning("other servers are not heard: looking every second", error=type(error).__qualname__)
                await asyncio.sleep(RECONNECT.delay(self._failures, random.random))

    async def _listen(self, hear: Callable[[Notice], None]) -> None:
        """Raises one of `LOST` when the connection is lost."""

        def heard(_connection: object, _pid: int, _channel: str, payload: str) -> None:
            if (notice := read(payload, self._name)) is not None:
                hear(notice)

        connection = await self._connect()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, heard)
            self._failures = 0
            hear(Notice(topic=Topic.MISSED))
            await _until_lost(connection, lost)
        finally:
            connection.terminate()


async def _until_lost(connection: Any, lost: asyncio.Event) -> None:
    while not lost.is_set():
        try:
            async with asyncio.timeout(CHECK_EVERY_S):
                await lost.wait()
        except TimeoutError:
            await connection.execute("SELECT 1", timeout=CHECK_WITHIN_S)
    raise ConnectionResetError
