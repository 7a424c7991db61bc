from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from benchmarks.load.generator import Generator
from benchmarks.load.prepared import Webhooks
from benchmarks.load.runs import Taken
from benchmarks.scenarios.ours import LostError, all_there
from expertflow.connector.v1.operations_service_pb2 import GetStatisticsRequest, GetStatisticsResponse
from expertflow.connector.v1.statistics_pb2 import SubscriptionStatistics
from tests.support.processes import Command, Connector

SERVICE = "expertflow.connector.v1.OperationsService"


@asynccontextmanager
async def server_with(backlog: int) -> AsyncIterator[Connector]:
    async def statistics(_request: GetStatisticsRequest, _context: object) -> GetStatisticsResponse:
        found = SubscriptionStatistics(subscription="ccm", backlog_messages=backlog)
        return GetStatisticsResponse(subscriptions=[found])

    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        statistics, GetStatisticsRequest.FromString, GetStatisticsResponse.SerializeToString
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"GetStatistics": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    command = Command("server", {"listen": f"127.0.0.1:{port}"}, Path())
    yield Connector(server=command, gateway=command)
    await server.stop(None)


def run_of(answered: int, *, each: int = 1) -> Taken:
    webhooks = Webhooks(conversations=1, each=each)
    generator = Generator(url="", webhooks=webhooks, folder=Path(), answered=answered)
    return Taken(generator=generator, seconds=1, processes={})


async def test_a_200_without_a_stored_event_is_found_out() -> None:
    async with server_with(backlog=12) as connector:
        with pytest.raises(LostError, match="13 events got a 200, 12 are stored"):
            await all_there(connector, [run_of(3), run_of(2, each=5)])


@pytest.mark.parametrize("stored", [13, 14])
async def test_what_had_no_answer_at_the_end_may_be_stored_too(stored: int) -> None:
    async with server_with(backlog=stored) as connector:
        await all_there(connector, [run_of(3), run_of(2, each=5)])
