from __future__ import annotations

import grpc

from connector_cli.channel_calls import ChannelCalls
from connector_client import ConnectorClient
from expertflow.connector.v1.channel_pb2 import Channel
from expertflow.connector.v1.channel_service_pb2 import ListChannelsRequest, ListChannelsResponse
from expertflow.connector.v1.channel_service_pb2_grpc import (
    ChannelServiceServicer,
    add_ChannelServiceServicer_to_server,
)


class TwoPages(ChannelServiceServicer):
    """Gives one channel at a time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def ListChannels(  # noqa: N802 - the stub's base class serves sync servers too
        self, request: ListChannelsRequest, _context: object
    ) -> ListChannelsResponse:
        self.asked.append((request.page_token, request.tenant_id))
        if request.page_token:
            return ListChannelsResponse(channels=[Channel(page_id="2")])
        return ListChannelsResponse(channels=[Channel(page_id="1")], next_page_token="more")


async def test_all_channels_are_read_however_many_answers_it_takes() -> None:
    servicer, server = TwoPages(), grpc.aio.server()  # type: ignore[abstract]
    add_ChannelServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with ConnectorClient(f"127.0.0.1:{port}") as client:
        everything = await ChannelCalls(client).all("north")
    await server.stop(None)

    assert [channel.page_id for channel in everything.channels] == ["1", "2"]
    assert servicer.asked == [("", "north"), ("more", "north")]
