from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from facebook_connector.services import health as health_module
from facebook_connector.services.health import Health
from facebook_connector.store.errors import StoreUnavailable

SERVICE = "expertflow.connector.v1.ConnectorService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Database:
    """Answers, or does not."""

    def __init__(self) -> None:
        self.up = True

    async def probe(self) -> None:
        if not self.up:
            raise StoreUnavailable("away")


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def health(database: Database) -> Health:
    return Health([SERVICE], database.probe, interval_s=0.01)


@pytest.fixture
async def watching(health: Health) -> AsyncIterator[Any]:
    """The stream of states that a client of the service sees."""
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await health.starting()
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        yield call
        call.cancel()
    await server.stop(0)


async def next_state(call: Any) -> int:
    response = await asyncio.wait_for(call.read(), 5)
    state: int = response.status
    return state


async def test_health_follows_the_database(health: Health, database: Database, watching: Any) -> None:
    assert await next_state(watching) == NOT_SERVING
    watch = asyncio.create_task(health.watch())

    assert await next_state(watching) == SERVING
    database.up = False
    assert await next_state(watching) == NOT_SERVING
    database.up = True
    assert await next_state(watching) == SERVING
    watch.cancel()


async def test_a_database_that_hangs_is_asked_once_and_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "PROBE_WITHIN_S", 0.01)
    asked: list[asyncio.Event] = []

    async def hangs() -> None:
        asked.append(asyncio.Event())
        await asked[-1].wait()

    health = Health([SERVICE], hangs)
    await health.check()
    await health.check()
    assert await state_of(health) == NOT_SERVING
    assert len(asked) == 1
    asked[0].set()
    await health.check()
    assert await state_of(health) == SERVING


async def state_of(health: Health) -> int:
    response = await health.servicer.Check(health_pb2.HealthCheckRequest(service=SERVICE), None)
    state: int = response.status
    return state


async def test_a_server_that_drains_does_not_serve_again(health: Health, watching: Any) -> None:
    assert await next_state(watching) == NOT_SERVING
    await health.check()
    assert await next_state(watching) == SERVING

    await health.draining()
    await health.check()

    assert await next_state(watching) == NOT_SERVING
    response = await health.servicer.Check(health_pb2.HealthCheckRequest(service=SERVICE), None)
    assert response.status == NOT_SERVING
