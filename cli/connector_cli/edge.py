"""The HTTP edge of an installation: the gateway, and in the same process the bridge where CCM's address is set.

Neither knows the other; this is where they share a process, and on wish a listener.
"""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.routing import Route

    from ccm_bridge.app import Bridge
    from ccm_bridge.settings import BridgeSettings
    from facebook_gateway.settings import GatewaySettings

READY_PATH = "/bridge/readyz"
"""Where the bridge's readiness is asked for on a listener that it shares."""

GRACE_S = 5
"""How long calls in flight may take at a stop."""


def run(gateway: GatewaySettings, bridge: BridgeSettings) -> None:
    """Runs both as this process until SIGTERM or SIGINT. Raises `SettingsError`."""
    import uvloop

    from service_runtime import interpreter, logs

    logs.configure(gateway.log_level)
    interpreter.tune()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(gateway, bridge))


async def _until_stopped(gateway: GatewaySettings, bridge: BridgeSettings) -> None:
    from service_runtime.lifecycle import first_of, stop_signals

    with stop_signals() as stop:
        async with running_edge(gateway, bridge) as edge:
            await first_of(stop.wait(), edge.failure())


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What runs."""

    gateway_url: str
    bridge_url: str
    """CCM's Provider Webhook; empty: no bridge runs."""
    failure: Callable[[], Coroutine[Any, Any, None]]
    """Returns never while all is well; raises what killed a part."""


@asynccontextmanager
async def running_edge(
    gateway: GatewaySettings, bridge: BridgeSettings, *, grace_s: int = GRACE_S
) -> AsyncIterator[Edge]:
    """The gateway, and the bridge if it knows CCM's address, until the block is left. Raises `SettingsError`."""
    from facebook_gateway.app import running_gateway
    from service_runtime.lifecycle import first_of

    if bridge.ccm_url and gateway.address.port and bridge.address == gateway.address:
        async with _sharing(gateway, bridge, grace_s) as edge:
            yield edge
        return
    async with AsyncExitStack() as stack:
        failures, bridge_url, learn = [], "", None
        if bridge.ccm_url:
            from ccm_bridge.app import running_bridge

            relaying = await stack.enter_async_context(running_bridge(bridge, grace_s=grace_s))
            failures, bridge_url, learn = [relaying.failure], relaying.url, relaying.learn
        running = await stack.enter_async_context(running_gateway(gateway, grace_s=grace_s, learn=learn))
        failures.append(running.failure)

        async def failure() -> None:
            await first_of(*(each() for each in failures))

        yield Edge(gateway_url=running.url, bridge_url=bridge_url, failure=failure)


@asynccontextmanager
async def _sharing(gateway: GatewaySettings, settings: BridgeSettings, grace_s: int) -> AsyncIterator[Edge]:
    """Both on the gateway's listener: for installations that know one port only. `/readyz` there is the gateway's."""
    from ccm_bridge.app import bridge
    from ccm_bridge.telemetry import new_metrics
    from facebook_gateway.app import running_gateway
    from service_runtime.lifecycle import first_of
    from service_runtime.metrics import shown_at

    metrics = new_metrics()
    async with (
        shown_at(settings.metrics_address, metrics, setting="FBC_BRIDGE_METRICS_LISTEN"),
        bridge(settings, gateway.address, metrics, grace_s=grace_s) as relaying,
        running_gateway(gateway, grace_s=grace_s, routes=_shared(relaying), learn=relaying.learn) as running,
    ):

        async def failure() -> None:
            await first_of(running.failure(), relaying.failure())

        yield Edge(gateway_url=running.url, bridge_url=running.url, failure=failure)


def _shared(relaying: Bridge) -> tuple[Route, ...]:
    from starlette.routing import Route

    return (*relaying.routes, Route(READY_PATH, relaying.ready, methods=["GET"]))
