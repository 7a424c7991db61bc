"""The gateway's side of `IngestService`: one channel to the server, its calls, and what their failures mean.

A failure here means only one thing to a webhook: not stored, so Facebook must come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import grpc

from expertflow.connector.v1.ingest_service_pb2 import (
    IngestInboundRequest,
    IngestItem,
    IngestResult,
    ListWebhookKeysRequest,
)
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceStub
from facebook_gateway.admission import untranslatable
from facebook_gateway.media_reader import MediaReader
from facebook_gateway.server_health import ingest_health
from facebook_gateway.settings import GatewaySettings
from facebook_gateway.telemetry import new_metrics
from facebook_gateway.webhook_keys import WebhookKeys
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

CALL_TIMEOUT_S: Final = 4.0
"""Facebook waits five seconds for its answer; one is left for the way and for us."""

KEYS_TIMEOUT_S: Final = 2.0

CHANNEL_OPTIONS: Final = (
    # A server that comes back is found within a second, whatever the time it was away.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A connection that died without a word is noticed before the webhooks on it time out many times over.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
)

TOKEN_REFUSED: Final = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})

TRANSIENT: Final = TOKEN_REFUSED | frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.ABORTED,
    }
)
"""Failures for which the items of a batch are not to blame: a wrong token fails every batch until it is right."""

_log = get_logger("gateway.server")


class ServerUnavailableError(Exception):
    """The server did not do what was asked; the message is the status' name."""


class ServerLink:
    """A channel to the server, opened at once and connected when it can be. `media` reads media over it."""

    def __init__(self, settings: GatewaySettings, metrics: Metrics | None = None) -> None:
        self._channel = _channel(settings)
        self._stub = IngestServiceStub(self._channel)
        self.media = MediaReader(self._channel, settings.server_token.get_secret_value())
        token = settings.server_token.get_secret_value()
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self.health = ingest_health(self._channel, metrics or new_metrics())
        self.answering = False
        """Whether the last call was answered."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def webhook_keys(self) -> WebhookKeys:
        """Asks for the keys of all channels. Raises `ServerUnavailableError`."""
        try:
            response = await self._stub.ListWebhookKeys(
                ListWebhookKeysRequest(), timeout=KEYS_TIMEOUT_S, wait_for_ready=True, metadata=self._metadata
            )
        except grpc.aio.AioRpcError as error:
            raise self._failed("ListWebhookKeys", error) from error
        self.answering = True
        return WebhookKeys.of(response)

    async def ingest(self, items: Sequence[IngestItem]) -> list[IngestResult]:
        """Has a batch stored and committed; results in its order. Raises `ServerUnavailableError`: perhaps not stored.

        If the server fails on the content of an item, the batch is halved until that item is alone; it is then handed
        over as mere bytes. One item must never keep others, or itself, from being stored.
        """
        try:
            return await self._ingest_whole(items)
        except grpc.aio.AioRpcError as error:
            if error.code() in TRANSIENT or (len(items) == 1 and items[0].HasField("quarantined")):
                raise self._failed("IngestInbound", error) from error
            status = error.code().name
        if len(items) == 1:
            _log.error("the server failed on an item", status=status, page_id=items[0].event.page_id, alarm=True)
            return await self.ingest([_as_bytes(items[0], status)])
        half = len(items) // 2
        return await self.ingest(items[:half]) + await self.ingest(items[half:])

    async def _ingest_whole(self, items: Sequence[IngestItem]) -> list[IngestResult]:
        response = await self._stub.IngestInbound(
            IngestInboundRequest(items=items), timeout=CALL_TIMEOUT_S, wait_for_ready=True, metadata=self._metadata
        )
        self.answering = True
        if len(response.results) != len(items):
            raise ServerUnavailableError(f"{len(response.results)} results for {len(items)} items")
        return list(response.results)

    def _failed(self, call: str, error: grpc.aio.AioRpcError) -> ServerUnavailableError:
        status = error.code().name
        self.answering = False
        if error.code() in TOKEN_REFUSED:
            _log.error("FBC_SERVER_TOKEN is not one of the server's gateway tokens", call=call, status=status)
        else:
            _log.warning("the server does not answer", call=call, status=status)
        return ServerUnavailableError(status)


def _as_bytes(item: IngestItem, status: str) -> IngestItem:
    bare = untranslatable(item.event, f"the server failed on the event with {status}")
    return IngestItem(receive_time=item.receive_time, quarantined=bare)


def _channel(settings: GatewaySettings) -> grpc.aio.Channel:
    target = str(settings.server_address)
    options: list[tuple[str, Any]] = list(CHANNEL_OPTIONS)
    if settings.server_ca is None:
        return grpc.aio.insecure_channel(target, options=options)
    credentials = grpc.ssl_channel_credentials(root_certificates=settings.server_ca.read_bytes())
    return grpc.aio.secure_channel(target, credentials, options=options)
