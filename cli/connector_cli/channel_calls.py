"""The calls of ChannelService, as the commands need them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from connector_client import ConnectorClient
from expertflow.connector.v1 import channel_service_pb2 as messages
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets, MessengerProfile
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub

if TYPE_CHECKING:
    # Known to type checkers only.
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub

ASK_FACEBOOK_S = 60.0
"""Subscribing and checking are several calls of the server to Facebook."""


class ChannelCalls:
    """The channels of a server. Every call raises `ConnectorError`."""

    def __init__(self, client: ConnectorClient) -> None:
        self._connection = client.connection
        self._stub: ChannelServiceAsyncStub = ChannelServiceStub(client.connection.channel)

    async def create(self, channel: Channel, secrets: ChannelSecrets) -> Channel:
        """The new channel as stored."""
        request = messages.CreateChannelRequest(channel=channel, secrets=secrets)
        return (await self._connection.call(self._stub.CreateChannel, request)).channel

    async def get(self, page_id: str) -> Channel:
        """One channel."""
        request = messages.GetChannelRequest(page_id=page_id)
        return (await self._connection.call(self._stub.GetChannel, request)).channel

    async def all(self, tenant_id: str) -> messages.ListChannelsResponse:
        """All channels, or all of a tenant, in one answer."""
        everything = messages.ListChannelsResponse()
        request = messages.ListChannelsRequest(tenant_id=tenant_id, page_size=1000)
        while True:
            part = await self._connection.call(self._stub.ListChannels, request)
            everything.channels.extend(part.channels)
            if not part.next_page_token:
                return everything
            request.page_token = part.next_page_token

    async def update(self, request: messages.UpdateChannelRequest) -> Channel:
        """The changed channel as stored."""
        return (await self._connection.call(self._stub.UpdateChannel, request)).channel

    async def delete(self, page_id: str) -> messages.DeleteChannelResponse:
        """Says how many waiting messages failed for it."""
        request = messages.DeleteChannelRequest(page_id=page_id)
        return await self._connection.call(self._stub.DeleteChannel, request)

    async def subscribe(self, page_id: str) -> messages.SubscribeChannelResponse:
        """What the page is subscribed to now."""
        request = messages.SubscribeChannelRequest(page_id=page_id)
        return await self._connection.call(self._stub.SubscribeChannel, request, timeout=ASK_FACEBOOK_S)

    async def check(self, page_id: str) -> messages.CheckChannelResponse:
        """What Facebook says about it."""
        request = messages.CheckChannelRequest(page_id=page_id)
        return await self._connection.call(self._stub.CheckChannel, request, timeout=ASK_FACEBOOK_S)

    async def profile(self, page_id: str) -> MessengerProfile:
        """The Messenger profile at Facebook."""
        request = messages.GetMessengerProfileRequest(page_id=page_id)
        return (await self._connection.call(self._stub.GetMessengerProfile, request, timeout=ASK_FACEBOOK_S)).profile

    async def change_profile(self, request: messages.UpdateMessengerProfileRequest) -> MessengerProfile:
        """The Messenger profile after the change. A repeat by the client's retries changes nothing twice."""
        request.request_id = str(uuid.uuid4())
        return (await self._connection.call(self._stub.UpdateMessengerProfile, request, timeout=ASK_FACEBOOK_S)).profile
