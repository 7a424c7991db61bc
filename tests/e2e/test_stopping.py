"""Starting, serving, a store that is gone, stopping: in each phase both processes say what is true, and end in time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import grpc.aio
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from expertflow.connector.v1 import inbound_pb2 as pb
from messenger_sandbox import EntryKind, Filter, Outcome, RunningSandbox, Sandbox
from tests.support.channels import ANA, add_channel, sandbox_config
from tests.support.inbound_wire import HandClock, StreamCall
from tests.support.processes import Command, Connector, connector_processes, free_port

pytestmark = pytest.mark.e2e

PATIENCE_S = 30
STOP_S = 10
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    async with Sandbox(sandbox_config()).serve() as facebook:
        yield facebook


@pytest.fixture
async def connector(tmp_path: Path, facebook: RunningSandbox) -> AsyncIterator[Connector]:
    async with connector_processes(tmp_path, facebook.base_url) as connector:
        await add_channel(connector.server_address)
        await facebook.handshake(connector.webhook_url)
        yield connector


@asynccontextmanager
async def open_stream(address: str, **start: object) -> AsyncIterator[StreamCall]:
    opening = pb.InboundStart(subscription="ccm", client_id="ccm-1", **start)  # type: ignore[arg-type]
    async with grpc.aio.insecure_channel(address) as channel, StreamCall(channel, HandClock(), opening) as stream:
        yield stream


async def ends(command: Command) -> int:
    """SIGTERM; the exit status, if it ends in time."""
    return await asyncio.wait_for(command.stop(), STOP_S)


async def readiness(connector: Connector, status: int) -> None:
    """Returns when the gateway answers so."""
    url = f"http://{connector.gateway.settings['gateway_listen']}/readyz"
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_S):
        while (await client.get(url)).status_code != status:  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.02)


async def health(connector: Connector, state: int) -> None:
    """Returns when the server says so of the service that the gateway needs."""
    request = health_pb2.HealthCheckRequest(service="expertflow.connector.v1.IngestService")
    async with grpc.aio.insecure_channel(connector.server_address) as channel, asyncio.timeout(PATIENCE_S):
        async for response in health_pb2_grpc.HealthStub(channel).Watch(request):
            if response.status == state:
                return


def answers(facebook: RunningSandbox) -> set[int]:
    """The statuses that Facebook has got for its webhooks."""
    posted = facebook.journal.entries(Filter(kind=EntryKind.WEBHOOK_POSTED))
    return {entry.details["status"] for entry in posted}


async def test_a_client_at_work_is_told_and_may_still_answer(connector: Connector, facebook: RunningSandbox) -> None:
    assert await facebook.person(ANA).says("hello") is Outcome.DELIVERED
    async with open_stream(connector.server_address) as stream:
        received = await stream.message()
        stopping = asyncio.create_task(ends(connector.server))
        frame = await stream.frame()
        assert frame.closing.reason == pb.CLOSING_REASON_DRAINING
        await stream.ack(received)
        assert await stream.results() == {received.ack_id: pb.ACK_OUTCOME_OK}
        end = await stream.ended()
        assert await stopping == 0

    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")


async def test_a_client_that_neither_reads_nor_answers_does_not_hold_up_the_stop(
    connector: Connector, facebook: RunningSandbox
) -> None:
    assert await facebook.person(ANA).says("hello") is Outcome.DELIVERED
    async with open_stream(connector.server_address):
        assert await ends(connector.server) == 0


async def test_up_ends_in_time_with_a_client_that_does_not_answer(tmp_path: Path, facebook: RunningSandbox) -> None:
    listen = f"127.0.0.1:{free_port()}"
    settings = {"listen": listen, "gateway_listen": f"127.0.0.1:{free_port()}", "graph_url": facebook.base_url}
    command = Command("up", settings, tmp_path)
    connector = Connector(server=command, gateway=command)
    try:
        await connector.start_server()
        await readiness(connector, 200)
        await add_channel(listen)
        await facebook.handshake(connector.webhook_url)
        assert await facebook.person(ANA).says("hello") is Outcome.DELIVERED
        async with open_stream(listen) as stream:
            await stream.message()
            assert await ends(command) == 0
    finally:
        if command.process is not None:
            await command.kill()


async def test_a_gateway_without_a_server_is_alive_and_not_ready(tmp_path: Path) -> None:
    gateway = Command(
        "gateway", {"gateway_listen": f"127.0.0.1:{free_port()}", "server": f"127.0.0.1:{free_port()}"}, tmp_path
    )
    connector = Connector(server=gateway, gateway=gateway)
    await gateway.start()
    try:
        url = f"http://{gateway.settings['gateway_listen']}/healthz"
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=8)) as client:
            assert (await client.get(url)).status_code == httpx.codes.OK
        await readiness(connector, 503)
    finally:
        assert await ends(gateway) == 0


async def test_a_database_that_another_process_locks_is_told_and_nothing_is_lost(
    connector: Connector, facebook: RunningSandbox, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "connector.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = facebook.person(ANA).says("while it is locked")
        await health(connector, NOT_SERVING)
        await readiness(connector, 503)
        other.execute("ROLLBACK")
    await readiness(connector, 200)

    assert await said is Outcome.DELIVERED
    assert answers(facebook) == {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.OK}
    async with open_stream(connector.server_address) as stream:
        assert (await stream.message()).message.body.markdown_text == "while it is locked"


async def test_a_gateway_follows_its_server_down_and_up_again(connector: Connector) -> None:
    await readiness(connector, 200)
    assert await ends(connector.server) == 0
    await readiness(connector, 503)
    await connector.start_server()
    await readiness(connector, 200)
