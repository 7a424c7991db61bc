"""Our own side: gateway and server as they are released, each a process, on a database that is thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import grpc.aio

from benchmarks.load.consumer import SUBSCRIPTION
from benchmarks.world import PAGE, channel_of, secrets_of
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.operations_service_pb2 import GetStatisticsRequest
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from expertflow.connector.v1.statistics_pb2 import SubscriptionStatistics
from tests.support.processes import COMMAND, Command, Connector, free_port

T = TypeVar("T")

NOWHERE = "http://127.0.0.1:1"
"""The Graph API of scenarios that send nothing."""


@asynccontextmanager
async def running_connector(
    folder: Path,
    database: Mapping[str, str],
    *,
    graph_url: str = NOWHERE,
    pages: Iterable[str] = (PAGE,),
    server: Sequence[str | Path] = (COMMAND, "server"),
) -> AsyncIterator[Connector]:
    """A server and a gateway that take webhooks of `pages`; killed when the block is left.

    Names of customers are not asked for: there is no Facebook to ask, and a first contact would wait for it.
    """
    await asyncio.to_thread(folder.mkdir, parents=True)
    listen = f"127.0.0.1:{free_port()}"
    settings = {"listen": listen, "graph_url": graph_url, "profiles": "false", **database}
    connector = Connector(
        server=Command("server", settings, folder, program=server),
        gateway=Command("gateway", {"gateway_listen": f"127.0.0.1:{free_port()}", "server": listen}, folder),
    )
    try:
        await connector.start_server()
        await register(listen, pages)
        await connector.start_gateway()
        yield connector
    finally:
        for command in (connector.gateway, connector.server):
            if command.process is not None:
                await command.kill()


async def entered(stack: AsyncExitStack, *contexts: AbstractAsyncContextManager[T]) -> list[T]:
    """Enters several at once: most of a start is the processor's work, and there is more than one."""
    async with asyncio.TaskGroup() as entering:
        tasks = [entering.create_task(stack.enter_async_context(context)) for context in contexts]
    return [task.result() for task in tasks]


async def register(server: str, pages: Iterable[str]) -> None:
    """Makes the channels of pages, as an operator does."""
    async with grpc.aio.insecure_channel(server) as channel:
        for page in pages:
            request = CreateChannelRequest(channel=channel_of(page), secrets=secrets_of(page))
            await ChannelServiceStub(channel).CreateChannel(request)


async def backlog_of(server: str) -> int:
    """How many messages the server says CCM has not acknowledged."""
    return (await _statistics(server)).backlog_messages


async def outstanding_of(server: str) -> int:
    """How many of them CCM has in its hands."""
    return (await _statistics(server)).outstanding_messages


async def _statistics(server: str) -> SubscriptionStatistics:
    async with grpc.aio.insecure_channel(server) as channel:
        answer = await OperationsServiceStub(channel).GetStatistics(GetStatisticsRequest())
    return next(each for each in answer.subscriptions if each.subscription == SUBSCRIPTION)


def process_ids(connector: Connector) -> dict[str, int]:
    """Gateway and server, for a `CpuMeter`."""
    found = {"gateway": connector.gateway.process, "server": connector.server.process}
    return {name: process.pid for name, process in found.items() if process is not None}
