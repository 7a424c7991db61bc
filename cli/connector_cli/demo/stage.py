"""Starts what the demo needs, on free loopback ports: sandbox, server, gateway, and a channel that joins them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from ccm_bridge.settings import BridgeSettings
from connector_cli.demo import cast
from connector_cli.failures import Failure
from connector_cli.joining import join
from connector_client import Connection
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.app import RunningServer, running_server
from facebook_connector.settings import ServerSettings
from facebook_gateway.app import RunningGateway, running_gateway
from facebook_gateway.settings import GatewaySettings
from messenger_sandbox import RunningSandbox, Sandbox, SandboxConfig
from service_runtime.lifecycle import first_of
from service_runtime.settings import Settings

ANY_PORT = "127.0.0.1:0"


class _OnlyWhatIsGiven(Settings):
    """Settings that read neither the environment nor `.env`: the demo is the same everywhere."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 # pydantic passes it by name
        init_settings: PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leaves the arguments only."""
        return (init_settings,)


class DemoServerSettings(_OnlyWhatIsGiven, ServerSettings):
    """The server's settings in the demo."""


class DemoGatewaySettings(_OnlyWhatIsGiven, GatewaySettings):
    """The gateway's settings in the demo."""


class DemoBridgeSettings(_OnlyWhatIsGiven, BridgeSettings):
    """The bridge's settings in the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Made up anew for each run."""

    page_token: str = field(default_factory=lambda: f"EAA{secrets.token_hex(24)}", repr=False)
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    verify_token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    ccm: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    gateway: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    operator: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All that runs."""

    sandbox: RunningSandbox
    server: RunningServer
    gateway: RunningGateway
    secrets: Secrets

    async def failure(self) -> None:
        """Returns never while all is well; raises what killed a part."""
        await first_of(self.server.failure(), self.gateway.failure())


@asynccontextmanager
async def raised(data_dir: Path) -> AsyncIterator[Stage]:
    """Everything runs and is joined while the block lasts. Raises `Failure` or `SettingsError` if that cannot be."""
    made_up = Secrets()
    async with (
        Sandbox(_sandbox(made_up)).serve() as sandbox,
        running_server(_server(made_up, data_dir, sandbox.base_url)) as server,
    ):
        # Before the gateway starts: it then finds the channel's keys at once, and need not ask again a second later.
        await _add_channel(str(server.address), made_up)
        async with running_gateway(_gateway(made_up, str(server.address))) as gateway:
            if not (await sandbox.handshake(f"{gateway.url}/webhook")).verified:
                raise Failure("the gateway did not pass Facebook's handshake; demo.log in the data folder says why")
            yield Stage(sandbox=sandbox, server=server, gateway=gateway, secrets=made_up)


def _sandbox(made_up: Secrets) -> SandboxConfig:
    return SandboxConfig(
        app_id=cast.APP_ID,
        app_secret=made_up.app_secret,
        verify_token=made_up.verify_token,
        require_proof=True,
        pages=(cast.page(made_up.page_token),),
        people=tuple(cast.PEOPLE.values()),
    )


def _server(made_up: Secrets, data_dir: Path, graph_url: str) -> ServerSettings:
    return DemoServerSettings.load(
        listen=ANY_PORT,
        data_dir=data_dir,
        graph_url=graph_url,
        media_origins=graph_url,
        ccm_tokens=made_up.ccm,
        gateway_tokens=made_up.gateway,
        operator_tokens=made_up.operator,
    )


def _gateway(made_up: Secrets, server: str) -> GatewaySettings:
    return DemoGatewaySettings.load(gateway_listen=ANY_PORT, server=server, server_token=made_up.gateway)


def bridge_settings(stage: Stage, ccm_url: str) -> BridgeSettings:
    """For the bridge to a CCM that listens there."""
    return DemoBridgeSettings.load(
        ccm_url=ccm_url,
        bridge_listen=ANY_PORT,
        server=str(stage.server.address),
        bridge_server_token=stage.secrets.ccm,
        bridge_operator_token=stage.secrets.operator,
    )


async def _add_channel(server: str, made_up: Secrets) -> None:
    channel = Channel(page_id=cast.PAGE_ID, app_id=cast.APP_ID)
    sealed = ChannelSecrets(
        page_access_token=made_up.page_token, app_secrets=[made_up.app_secret], verify_token=made_up.verify_token
    )
    connection = Connection.open(server, token=made_up.operator)
    try:
        await join(connection, channel, sealed)
    finally:
        await connection.close()
