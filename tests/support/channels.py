"""A channel for the sandbox's page, made through the API as an operator would."""

from __future__ import annotations

from dataclasses import replace

import grpc.aio

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from facebook_connector.sending.values import SendingChannel
from messenger_sandbox import Page, Person, SandboxConfig

APP_ID = "555000111222333"
APP_SECRET = "canary-app-secret-5f1e"
VERIFY_TOKEN = "canary-verify-token-77aa"
PAGE_TOKEN = "EAAcanaryPageToken0123456789"
PAGE_ID = "104792690000001"
ANA = "7081234567890123"
BEN = "7081234567890999"


def sandbox_config(**changes: object) -> SandboxConfig:
    """Facebook with one page and two people."""
    settings: dict[str, object] = {
        "app_id": APP_ID,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "pages": (Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
        "people": (Person(psid=ANA, page_id=PAGE_ID), Person(psid=BEN, page_id=PAGE_ID)),
    }
    return SandboxConfig(**{**settings, **changes})  # type: ignore[arg-type]


def sending_channel(**changes: object) -> SendingChannel:
    """The channel of the sandbox's page as it is opened for calls."""
    channel = SendingChannel(
        page_id=PAGE_ID,
        etag="1",
        page_token=PAGE_TOKEN,
        app_secret=APP_SECRET,
        graph_version="",
        human_agent_enabled=False,
        allow_custom=False,
        edited_marker="",
        default_prompt="",
    )
    return replace(channel, **changes)  # type: ignore[arg-type]


async def add_channel(server_address: str, *, token: str = "") -> None:
    """Registers the sandbox's page."""
    metadata = [("authorization", f"Bearer {token}")] if token else []
    async with grpc.aio.insecure_channel(server_address) as channel:
        await ChannelServiceStub(channel).CreateChannel(
            CreateChannelRequest(
                channel=Channel(page_id=PAGE_ID, app_id=APP_ID),
                secrets=ChannelSecrets(
                    page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN
                ),
            ),
            metadata=metadata,
        )
