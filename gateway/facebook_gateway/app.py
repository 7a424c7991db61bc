"""Puts the gateway together: the ASGI application, the tasks beside it, and uvicorn around both.

It runs as a process (`run`) or inside another one (`running_gateway`: tests, the demo, `up`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cim_messenger.inbound import TranslatorSettings, media_links_under
from facebook_gateway.ingest_queue import IngestQueue
from facebook_gateway.key_cache import KeyCache, Learn
from facebook_gateway.media import MediaRoute
from facebook_gateway.server_link import ServerLink
from facebook_gateway.settings import GatewaySettings
from facebook_gateway.tally import Tally
from facebook_gateway.telemetry import new_metrics
from facebook_gateway.webhook import WebhookRoute
from service_runtime import logs
from service_runtime.bodies import BodyReader
from service_runtime.clock import Clock, SystemClock
from service_runtime.http_server import bound, served
from service_runtime.lifecycle import Tasks
from service_runtime.listen import Address
from service_runtime.metrics import Metrics, shown_at
from service_runtime.pacing import Paced
from service_runtime.process import run_until_stopped

WEBHOOK_PATHS: Final = ("/webhook", "/webhook/{page_id}")
"""The second one is what installations of the connector's predecessor have registered with Facebook, under a prefix
that the proxy in front may take off. Both are served with a slash at the end too: Facebook calls what was registered.
"""

GRACE_S: Final = 5
"""How long webhooks in flight may take once the gateway is told to stop."""

_log = logs.get_logger("gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningGateway:
    """A gateway that takes webhooks."""

    address: Address
    """Where it listens; with the port that the system chose, if it was to choose."""
    url: str
    """The same as an address to post to, without a path."""
    metrics_address: Address | None
    """Where `/metrics` is shown, if anywhere."""
    failure: Callable[[], Coroutine[Any, Any, None]]
    """Returns never while all is well; raises what killed a part of the gateway."""


@asynccontextmanager
async def running_gateway(
    settings: GatewaySettings,
    clock: Clock | None = None,
    *,
    grace_s: int = GRACE_S,
    routes: Sequence[Route] = (),
    learn: Learn | None = None,
) -> AsyncIterator[RunningGateway]:
    """Takes webhooks until the block is left; those in flight then are finished first, for at most `grace_s` seconds.

    It starts without the server too, and answers 503 until the server can be reached. `routes` are of others that share
    its listener; `learn` hears of pages that have no channel. Raises `SettingsError` if it cannot listen.
    """
    metrics = new_metrics()
    with bound(settings.address, setting="FBC_GATEWAY_LISTEN") as listener:
        address = Address(host=settings.address.host, port=listener.getsockname()[1])
        url = f"{'http' if settings.tls is None else 'https'}://{address}"
        async with (
            shown_at(settings.metrics_address, metrics, setting="FBC_GATEWAY_METRICS_LISTEN") as shown,
            ServerLink(settings, metrics) as link,
            Tasks() as tasks,
        ):
            route = _webhook_route(settings, link, url, clock or SystemClock(), metrics, learn=learn)
            tasks.start("server health", link.health.run())
            tasks.start("webhook keys", route.keys.run())
            tasks.start("ingest queue", route.queue.run())
            tasks.start("tally", route.tally.run())
            app = application(route, link, settings.webhook_prefix)
            app.router.routes.extend(routes)
            try:
                async with served(Paced(app), listener, tasks, tls=settings.tls, grace_s=grace_s):
                    _log.info("gateway takes webhooks", address=str(address), server=settings.server)
                    yield RunningGateway(address=address, url=url, metrics_address=shown, failure=tasks.failure)
            finally:
                route.tally.tell()


def application(route: WebhookRoute, link: ServerLink, webhook_prefix: str = "") -> Starlette:
    """The ASGI application: webhooks, at the root and under a prefix; media, liveness and readiness."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        problem = _not_ready(route, link)
        return PlainTextResponse(problem or "ready", status_code=503 if problem else 200)

    prefixes = dict.fromkeys(("", webhook_prefix))
    paths = [f"{prefix}{path}{end}" for prefix in prefixes for path in WEBHOOK_PATHS for end in ("", "/")]
    # Routes are tried one after the other: what is posted comes first, what Facebook registers once comes last.
    routes = [
        *(Route(path, route.receive, methods=["POST"]) for path in paths),
        Route("/media/{media_id}", MediaRoute(link.media, route.metrics).serve, methods=["GET"]),
        Route("/healthz", live, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        *(Route(path, route.verify, methods=["GET"]) for path in paths),
    ]
    app = Starlette(routes=routes)
    # Facebook follows no redirect: a path is right as it is registered, or it is unknown.
    app.router.redirect_slashes = False
    return app


def _not_ready(route: WebhookRoute, link: ServerLink) -> str:
    """Why webhooks would get 503 now; empty if they would not."""
    if not link.health.serving:
        return "the server cannot be reached, or cannot store at present"
    if route.keys.keys is None:
        return "the server has not told the webhook keys yet"
    return "" if link.answering else "the server did not answer the last call"


def run(settings: GatewaySettings) -> None:
    """Runs the gateway as this process until SIGTERM or SIGINT."""
    run_until_stopped("gateway", settings.log_level, running_gateway(settings))


def _webhook_route(  # noqa: PLR0913 - the parts that it is made of
    settings: GatewaySettings, link: ServerLink, url: str, clock: Clock, metrics: Metrics, *, learn: Learn | None
) -> WebhookRoute:
    return WebhookRoute(
        bodies=BodyReader(limit_bytes=settings.max_body_bytes),
        keys=KeyCache(link.webhook_keys, clock, metrics, learn=learn),
        queue=IngestQueue(link.ingest, limit_bytes=settings.ingest_queue_bytes, metrics=metrics),
        translator=TranslatorSettings(
            media_link=media_links_under(settings.public_base_url or url),
            sender_id=settings.sender_id,
            sender_name=settings.sender_name,
            reactions_as_text=settings.reactions_as_text,
        ),
        tally=Tally(),
        metrics=metrics,
        clock=clock,
    )
