from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest

from connector_client import ConnectorClient, text_message
from expertflow.connector.v1.channel_service_pb2 import GetChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.operations_service_pb2 import CreateSubscriptionRequest, DeleteSubscriptionRequest
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from facebook_connector import sampling
from facebook_connector.app import RunningServer, running_server
from facebook_connector.settings import ServerSettings
from messenger_sandbox import RunningSandbox, Sandbox
from tests.support.channels import ANA, PAGE_ID, add_channel, sandbox_config
from tests.support.inbound_wire import HandClock, Wire


class Scrape:
    """What one server shows."""

    def __init__(self, server: RunningServer) -> None:
        self._url = f"http://{server.metrics_address}/metrics"

    async def shows(self, *lines: str) -> None:
        """Returns when all lines are shown: most figures are read from time to time only."""
        missing = set(lines)
        async with httpx.AsyncClient() as client, asyncio.timeout(20):
            while missing:
                shown = (await client.get(self._url)).text
                missing -= set(shown.splitlines())
                await asyncio.sleep(0.02)


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    async with Sandbox(sandbox_config()).serve() as facebook:
        yield facebook


@pytest.fixture
async def server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facebook: RunningSandbox
) -> AsyncIterator[RunningServer]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sampling, "EVERY_S", 0.02)
    settings = ServerSettings.load(
        data_dir=tmp_path, listen="127.0.0.1:0", metrics_listen="127.0.0.1:0", graph_url=facebook.base_url
    )
    async with running_server(settings) as running:
        await add_channel(str(running.address))
        yield running


@pytest.fixture
async def wire(server: RunningServer) -> AsyncIterator[Wire]:
    async with grpc.aio.insecure_channel(str(server.address)) as channel:
        yield Wire(channel, HandClock(), None)  # type: ignore[arg-type] # nothing is stopped here


async def test_what_comes_in_waits_is_delivered_and_acknowledged(server: RunningServer, wire: Wire) -> None:
    scrape = Scrape(server)
    await wire.texts("m_1", "m_2")
    await wire.texts("m_2")
    await scrape.shows(
        'facebook_connector_ingested_items_total{outcome="stored"} 2.0',
        'facebook_connector_ingested_items_total{outcome="duplicate"} 1.0',
        'facebook_connector_ingest_batch_items_bucket{le="1.0"} 1.0',
        "facebook_connector_ingest_commit_seconds_count 2.0",
        'facebook_connector_backlog_messages{subscription="ccm"} 2.0',
        'facebook_connector_ready_keys{subscription="ccm"} 1.0',
    )
    async with wire.stream() as stream:
        first = await stream.message()
        await scrape.shows(
            'facebook_connector_streams{subscription="ccm"} 1.0',
            'facebook_connector_claimed_keys{subscription="ccm"} 1.0',
            'facebook_connector_ready_keys{subscription="ccm"} 0.0',
        )
        await stream.nack(first, delay_s=0)
        await stream.ack(await stream.message())
        await stream.ack(await stream.message())
        await scrape.shows(
            'facebook_connector_deliveries_total{subscription="ccm"} 3.0',
            'facebook_connector_redeliveries_total{subscription="ccm"} 1.0',
            'facebook_connector_acknowledgements_total{outcome="ok",subscription="ccm"} 2.0',
            'facebook_connector_backlog_messages{subscription="ccm"} 0.0',
            'facebook_connector_oldest_unacknowledged_seconds{subscription="ccm"} 0.0',
            'facebook_connector_dead_letters{subscription="ccm"} 0.0',
            'facebook_connector_subscription_paused{subscription="ccm"} 0.0',
        )


async def test_a_subscription_that_is_made_anew_counts_on(server: RunningServer, wire: Wire) -> None:
    scrape, operations = Scrape(server), OperationsServiceStub(wire.channel)
    for number, delivered in enumerate((2, 1), start=1):
        await operations.CreateSubscription(CreateSubscriptionRequest(name="archive"))
        await wire.texts(*(f"m_{number}_{part}" for part in range(delivered)))
        async with wire.stream("reader", subscription="archive") as stream:
            for _ in range(delivered):
                await stream.ack(await stream.message())
        total = {1: 2.0, 2: 3.0}[number]
        await scrape.shows(f'facebook_connector_deliveries_total{{subscription="archive"}} {total}')
        await operations.DeleteSubscription(DeleteSubscriptionRequest(name="archive"))


async def test_what_goes_out_and_what_facebook_says_to_it(server: RunningServer, facebook: RunningSandbox) -> None:
    facebook.person(ANA).says("opens the window")
    async with ConnectorClient(str(server.address), client_id="ccm-1") as client:
        await client.send(text_message(PAGE_ID, ANA, "one"), wait=10)
    await Scrape(server).shows(
        'facebook_connector_outbound_settled_total{reason="",state="sent"} 1.0',
        'facebook_connector_graph_calls_total{endpoint="messages",result="ok"} 1.0',
        'facebook_connector_graph_call_seconds_count{endpoint="messages"} 1.0',
        'facebook_connector_graph_answers_total{version="v25.0"} 1.0',
        f'facebook_connector_outbound_messages{{page_id="{PAGE_ID}",state="queued"}} 0.0',
        "facebook_connector_pages_owned 1.0",
        'facebook_connector_channels{state="ACTIVE"} 1.0',
    )


async def test_calls_are_counted_by_how_they_end(server: RunningServer, wire: Wire) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await ChannelServiceStub(wire.channel).GetChannel(GetChannelRequest(page_id="999"))
    await Scrape(server).shows(
        'facebook_connector_calls_total{method="ChannelService/CreateChannel",outcome="OK"} 1.0',
        'facebook_connector_calls_total{method="ChannelService/GetChannel",outcome="CHANNEL_NOT_FOUND"} 1.0',
        'facebook_connector_call_seconds_count{method="ChannelService/GetChannel"} 1.0',
    )
