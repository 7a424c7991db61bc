"""Everything from Facebook to CCM and back, by REST alone: sandbox, server, gateway, bridge and a stand-in for CCM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ccm_bridge.app import running_bridge
from ccm_bridge.settings import BridgeSettings
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from messenger_sandbox import RunningSandbox, Sandbox
from tests.support.ccm_stand_in import StandInCcm, stand_in_ccm
from tests.support.channels import add_channel, sandbox_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged:
    facebook: RunningSandbox
    ccm: StandInCcm
    server: str
    bridge: str
    """Its base address."""
    metrics: str
    """Address of its metrics."""

    async def get(self, path: str) -> httpx.Response:
        """Asks the bridge's listener."""
        async with httpx.AsyncClient() as client:
            return await client.get(f"{self.bridge}{path}")

    def waiting(self) -> asyncio.Timeout:
        """Around a look that is repeated until it sees something."""
        return asyncio.timeout(20)

    async def breathes(self) -> None:
        """Between two looks at what happens in other tasks, for which there is no event to wait for."""
        await asyncio.sleep(0.05)

    async def figure(self, name: str) -> float:
        """The value of one of the bridge's metrics, with its labels as they are shown."""
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"http://{self.metrics}/metrics")).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@asynccontextmanager
async def bridged_connector(database_url: str, folder: Path, **bridge: Any) -> AsyncIterator[Bridged]:
    """All of it in this process, on real ports; `bridge` holds more settings of the bridge."""
    async with Sandbox(sandbox_config()).serve() as facebook, stand_in_ccm() as ccm:
        settings = ServerSettings.load(
            listen="127.0.0.1:0",
            data_dir=folder,
            database_url=database_url,
            secret_keys="k1:" + "A" * 43 + "=",
            graph_url=facebook.base_url,
            media_origins=facebook.base_url,
        )
        async with running_server(settings) as server:
            await add_channel(str(server.address))
            edge = GatewaySettings.load(gateway_listen="127.0.0.1:0", server=str(server.address))
            given = {
                "bridge_listen": "127.0.0.1:0",
                "bridge_metrics_listen": "127.0.0.1:0",
                "ccm_url": ccm.url,
                "server": str(server.address),
            }
            told = BridgeSettings.load(**{**given, **bridge})
            async with running_gateway(edge) as gateway, running_bridge(told, grace_s=1) as running:
                await facebook.handshake(f"{gateway.url}/webhook")
                ccm.provider_webhook = running.url
                yield Bridged(
                    facebook=facebook,
                    ccm=ccm,
                    server=str(server.address),
                    bridge=running.url,
                    metrics=str(running.metrics_address),
                )
