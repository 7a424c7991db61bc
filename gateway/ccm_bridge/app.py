"""Puts the bridge together: the client of our own server, the client of CCM, the relay, and the HTTP routes.

It runs as a process (`run`), beside others in one (`running_bridge`), or with its routes on the listener of another
(`bridge`).
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ccm_bridge.calls import Admission
from ccm_bridge.ccm import Ccm
from ccm_bridge.configuration.channels import ConfiguredChannels
from ccm_bridge.configuration.learning import Learned, Learner
from ccm_bridge.configuration.pulling import Puller
from ccm_bridge.configuration.routes import PATH as PUSH_PATH
from ccm_bridge.configuration.routes import ConfigurationRoute
from ccm_bridge.messages import MessagesRoute
from ccm_bridge.relay import Ends, Relay
from ccm_bridge.settings import BridgeSettings
from ccm_bridge.telemetry import new_metrics
from connector_client import Connection, ConnectorClient, Tls
from expertflow.connector.v1 import connector_service_pb2
from service_runtime import logs
from service_runtime.bodies import BodyReader
from service_runtime.clock import Clock, SystemClock
from service_runtime.grpc_health import ServerHealth
from service_runtime.http_server import bound, served
from service_runtime.lifecycle import Tasks, first_of
from service_runtime.listen import Address
from service_runtime.metrics import Metrics, shown_at
from service_runtime.process import run_until_stopped
from service_runtime.settings import SettingsError

GRACE_S: Final = 5
"""How long posts and calls in flight may take once the bridge is told to stop."""

SERVICE: Final = connector_service_pb2.DESCRIPTOR.services_by_name["ConnectorService"].full_name
"""What the bridge needs of the server."""

_log = logs.get_logger("bridge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A bridge that relays to CCM."""

    routes: tuple[Route, ...]
    """What CCM calls, at the root and under the prefix."""
    relay: Relay
    health: ServerHealth
    learn: Callable[[str], Awaitable[Learned]]
    """Sets up the channel of a page that has none."""
    failure: Callable[[], Coroutine[Any, Any, None]]
    """Returns never while all is well; raises what killed a part of the bridge."""

    @property
    def not_ready(self) -> str:
        """Why what CCM sends would get 503 now, or nothing is relayed for a fault of ours; empty if all is well."""
        return self.relay.refusal or ("" if self.health.serving else "the server cannot be reached, or cannot store")

    async def ready(self, _request: Request) -> Response:
        """Answers for readiness. CCM away is no reason to turn CCM away; it is said all the same."""
        problem = self.not_ready
        return PlainTextResponse(problem or self.relay.ccm_problem or "ready", status_code=503 if problem else 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBridge:
    """A bridge with a listener of its own."""

    address: Address
    """Where it listens; with the port that the system chose, if it was to choose."""
    metrics_address: Address | None
    learn: Callable[[str], Awaitable[Learned]]
    """Sets up the channel of a page that has none."""
    failure: Callable[[], Coroutine[Any, Any, None]]

    @property
    def url(self) -> str:
        """The same as an address to post to, without a path: CCM's Provider Webhook."""
        return f"http://{self.address}"


@asynccontextmanager
async def bridge(
    settings: BridgeSettings,
    address: Address,
    metrics: Metrics,
    *,
    clock: Clock | None = None,
    grace_s: float = GRACE_S,
) -> AsyncIterator[Bridge]:
    """Relays while the block runs; posts in flight then are finished, for at most `grace_s` seconds.

    It starts without the server and without CCM too, and waits for them. `address` is where its routes are served: with
    the name of the machine it makes the client id, which is the same after a restart and no other bridge's.
    """
    ccm_token, operator_token = settings.bridge_server_token, settings.operator_token
    tls = None if settings.server_ca is None else Tls(ca=settings.server_ca)
    server = str(settings.server_address)
    client_id = f"ccm-bridge-{socket.gethostname()}-{address.port}"[:128]
    async with (
        AsyncExitStack() as stack,
        ConnectorClient(server, token=ccm_token.get_secret_value(), client_id=client_id, tls=tls) as client,
        Ccm(settings) as ccm,
        Tasks() as tasks,
    ):
        operator = Connection.open(server, token=operator_token.get_secret_value(), tls=tls)
        stack.push_async_callback(operator.close)
        ends = Ends(client=client, operator=operator, ccm=ccm)
        relay = Relay(ends, settings, clock=clock or SystemClock(), metrics=metrics)
        health = ServerHealth(client.connection.channel, SERVICE, lambda _: None)
        tasks.start("bridge server health", health.run())
        tasks.start("bridge relay", relay.run())
        channels = ConfiguredChannels(operator, allow_unsigned=settings.bridge_allow_unsigned)
        puller = Puller(ccm, channels, pages=settings.pages)
        learner = Learner(puller, channels, clock or SystemClock())
        tasks.start("bridge settings", puller.run())
        admission = Admission(
            bodies=BodyReader(limit_bytes=settings.bridge_max_body_bytes), token=settings.bridge_token
        )
        messages = MessagesRoute(client, admission, learner.learn, metrics)
        configurations = ConfigurationRoute(channels=channels, admission=admission, metrics=metrics)
        _log.info("bridge relays", subscription=settings.bridge_subscription, ccm=settings.ccm_url, client_id=client_id)
        try:
            yield Bridge(
                routes=served_under(settings.bridge_prefix, messages, configurations),
                relay=relay,
                health=health,
                learn=learner.learn,
                failure=tasks.failure,
            )
        finally:
            await relay.drain(grace_s)


def served_under(prefix: str, messages: MessagesRoute, configurations: ConfigurationRoute) -> tuple[Route, ...]:
    """All that CCM calls; with or without a slash at the end."""
    calls = {"/cim-messages": messages.receive, PUSH_PATH: configurations.receive}
    return tuple(
        Route(f"{before}{path}{end}", call, methods=["POST"])
        for path, call in calls.items()
        for before in sorted({"", prefix})
        for end in ("", "/")
    )


@asynccontextmanager
async def running_bridge(
    settings: BridgeSettings, clock: Clock | None = None, *, grace_s: int = GRACE_S
) -> AsyncIterator[RunningBridge]:
    """The bridge with a listener of its own, until the block is left. Raises `SettingsError` if it cannot listen."""
    if not settings.ccm_url:
        raise SettingsError("FBC_CCM_URL (or CCM_URL): says where CCM is; without it there is no bridge")
    metrics = new_metrics()
    with bound(settings.address, setting="FBC_BRIDGE_LISTEN") as listener:
        address = Address(host=settings.address.host, port=listener.getsockname()[1])
        async with (
            shown_at(settings.metrics_address, metrics, setting="FBC_BRIDGE_METRICS_LISTEN") as shown,
            bridge(settings, address, metrics, clock=clock, grace_s=grace_s) as relaying,
            Tasks() as tasks,
            served(application(relaying), listener, tasks, grace_s=grace_s),
        ):
            _log.info("bridge takes messages of CCM", address=str(address))

            async def failure() -> None:
                await first_of(relaying.failure(), tasks.failure())

            yield RunningBridge(address=address, metrics_address=shown, learn=relaying.learn, failure=failure)


def application(relaying: Bridge) -> Starlette:
    """The ASGI application of a listener of its own: CCM's routes, liveness and readiness."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok")

    probes = [Route("/healthz", live, methods=["GET"]), Route("/readyz", relaying.ready, methods=["GET"])]
    app = Starlette(routes=[*relaying.routes, *probes])
    app.router.redirect_slashes = False
    return app


def run(settings: BridgeSettings) -> None:
    """Runs the bridge as this process until SIGTERM or SIGINT."""
    run_until_stopped("bridge", settings.log_level, running_bridge(settings))
