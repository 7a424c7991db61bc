"""IngestService: takes events from the gateway, and tells it what to verify webhooks with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import grpc

from expertflow.connector.v1 import ingest_service_pb2 as pb
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceServicer
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.inbox.ingest import Ingest
from facebook_connector.services.events import read_item
from service_runtime.clock import Clock

Context = grpc.aio.ServicerContext[Any, Any]


class IngestServicer(IngestServiceServicer):
    """Raises `ConnectorError` and `StoreUnavailable` for the interceptor."""

    def __init__(
        self,
        ingest: Ingest,
        webhook_keys: Callable[[], Awaitable[pb.ListWebhookKeysResponse]],
        clock: Clock,
        media_secret: bytes,
    ) -> None:
        self._media_secret = media_secret
        self._ingest = ingest
        self._clock = clock
        self._webhook_keys = webhook_keys

    async def IngestInbound(self, request: pb.IngestInboundRequest, context: Context) -> pb.IngestInboundResponse:
        del context
        if not request.items:
            raise _nothing()
        now_ms = self._clock.now_ms()
        items = [
            read_item(item, f"items[{place}]", now_ms, self._media_secret) for place, item in enumerate(request.items)
        ]
        outcomes = await self._ingest.submit(items)
        return pb.IngestInboundResponse(
            results=[
                pb.IngestResult(
                    outcome=cast("pb.IngestOutcome", outcome.outcome), quarantine_reason=outcome.quarantine_reason
                )
                for outcome in outcomes
            ]
        )

    async def ListWebhookKeys(self, request: pb.ListWebhookKeysRequest, context: Context) -> pb.ListWebhookKeysResponse:
        del request, context
        return await self._webhook_keys()


def _nothing() -> ConnectorError:
    return ConnectorError(
        "INVALID_FIELD",
        "A batch holds at least one item.",
        metadata={"field": "items"},
        violations=(FieldViolation(field="items", description="must have at least one entry"),),
    )
