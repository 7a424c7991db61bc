"""`ChannelService`: operators set up pages. What each call does is in `channels`."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from expertflow.connector.v1.channel_service_pb2 import (
    CheckChannelRequest,
    CheckChannelResponse,
    CreateChannelRequest,
    CreateChannelResponse,
    DeleteChannelRequest,
    DeleteChannelResponse,
    GetChannelRequest,
    GetChannelResponse,
    GetMessengerProfileRequest,
    GetMessengerProfileResponse,
    ListChannelsRequest,
    ListChannelsResponse,
    SubscribeChannelRequest,
    SubscribeChannelResponse,
    UpdateChannelRequest,
    UpdateChannelResponse,
    UpdateMessengerProfileRequest,
    UpdateMessengerProfileResponse,
)
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceServicer
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.messenger_profile import MessengerProfiles
from facebook_connector.channels.setup import PageSetup

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ChannelServicer(ChannelServiceServicer):
    """Serves `ChannelService`."""

    def __init__(self, channels: Channels, setup: PageSetup, profiles: MessengerProfiles) -> None:
        self._channels = channels
        self._setup = setup
        self._profiles = profiles

    async def CreateChannel(self, request: CreateChannelRequest, context: Context) -> CreateChannelResponse:
        """See the proto."""
        return await self._channels.create(request)

    async def GetChannel(self, request: GetChannelRequest, context: Context) -> GetChannelResponse:
        """See the proto."""
        return GetChannelResponse(channel=await self._channels.get(request.page_id))

    async def ListChannels(self, request: ListChannelsRequest, context: Context) -> ListChannelsResponse:
        """See the proto."""
        return await self._channels.list(request)

    async def UpdateChannel(self, request: UpdateChannelRequest, context: Context) -> UpdateChannelResponse:
        """See the proto."""
        return await self._channels.update(request)

    async def DeleteChannel(self, request: DeleteChannelRequest, context: Context) -> DeleteChannelResponse:
        """See the proto."""
        return await self._channels.delete(request)

    async def SubscribeChannel(self, request: SubscribeChannelRequest, context: Context) -> SubscribeChannelResponse:
        """See the proto."""
        return await self._setup.subscribe(request)

    async def CheckChannel(self, request: CheckChannelRequest, context: Context) -> CheckChannelResponse:
        """See the proto."""
        return await self._setup.check(request)

    async def GetMessengerProfile(
        self, request: GetMessengerProfileRequest, context: Context
    ) -> GetMessengerProfileResponse:
        """See the proto."""
        return await self._profiles.get(request)

    async def UpdateMessengerProfile(
        self, request: UpdateMessengerProfileRequest, context: Context
    ) -> UpdateMessengerProfileResponse:
        """See the proto."""
        return await self._profiles.update(request)
