"""An `IngestService` on a real port that notes what it is given and answers as it is told: where the gateway ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from expertflow.connector.v1.inbound_event_pb2 import InboundEvent, QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import (
    INGEST_OUTCOME_DUPLICATE,
    INGEST_OUTCOME_QUARANTINED,
    INGEST_OUTCOME_STORED,
    IngestInboundRequest,
    IngestInboundResponse,
    IngestItem,
    IngestOutcome,
    IngestResult,
    ListWebhookKeysRequest,
    ListWebhookKeysResponse,
    VerifyToken,
    WebhookApp,
)
from expertflow.connector.v1.ingest_service_pb2_grpc import (
    IngestServiceServicer,
    add_IngestServiceServicer_to_server,
)
from tests.support.certificates import Certificate

SERVICE = "expertflow.connector.v1.IngestService"
OFTEN = 3
"""So many reads of the keys set `read_often`."""

Context = grpc.aio.ServicerContext[Any, Any]


class IngestRecorder(IngestServiceServicer):
    """`refuse` fails every ingest call with a status, `refuse_item` those with that event; `open` holds calls."""

    def __init__(self) -> None:
        self.keys = ListWebhookKeysResponse()
        self.batches: list[list[IngestItem]] = []
        self.key_reads = 0
        self.authorizations: list[str] = []
        self.refuse: grpc.StatusCode | None = None
        self.refuse_item = ""
        self.new_outcome: int | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Event()
        self.read_often = asyncio.Event()
        self.at_once = 0
        self.most_at_once = 0
        self.health = health.aio.HealthServicer()
        self._seen: set[tuple[str, str]] = set()

    async def tell_health(self, *, serving: bool) -> None:
        state = health_pb2.HealthCheckResponse
        await self.health.set(SERVICE, state.SERVING if serving else state.NOT_SERVING)

    @property
    def items(self) -> list[IngestItem]:
        return [item for batch in self.batches for item in batch]

    @property
    def events(self) -> list[InboundEvent]:
        """Without duplicates, in the order of storing."""
        found = {
            (item.event.page_id, item.event.dedupe_key): item.event for item in self.items if item.HasField("event")
        }
        return list(found.values())

    @property
    def quarantined(self) -> list[QuarantinedItem]:
        return [item.quarantined for item in self.items if item.HasField("quarantined")]

    def add_app(
        self, app_id: str, pages: Sequence[str], *, secrets: Sequence[str] = (), tokens: dict[str, str] | None = None
    ) -> None:
        verify_tokens = [VerifyToken(page_id=page, verify_token=token) for page, token in (tokens or {}).items()]
        self.keys.apps.append(
            WebhookApp(app_id=app_id, app_secrets=secrets, page_ids=pages, verify_tokens=verify_tokens)
        )

    async def ListWebhookKeys(self, request: ListWebhookKeysRequest, context: Context) -> ListWebhookKeysResponse:  # noqa: N802
        self.key_reads += 1
        if self.key_reads == OFTEN:
            self.read_often.set()
        self._note(context)
        return self.keys

    async def IngestInbound(self, request: IngestInboundRequest, context: Context) -> IngestInboundResponse:  # noqa: N802
        self._note(context)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.arrived.set()
        try:
            await self.open.wait()
            if self.refuse is not None:
                await context.abort(self.refuse, "as told")
            if self.refuse_item and any(item.event.dedupe_key == self.refuse_item for item in request.items):
                await context.abort(grpc.StatusCode.INTERNAL, "as told")
            self.batches.append(list(request.items))
            return IngestInboundResponse(results=[self._result(item) for item in request.items])
        finally:
            self.at_once -= 1

    def _note(self, context: Context) -> None:
        metadata = dict(context.invocation_metadata() or ())
        self.authorizations.append(str(metadata.get("authorization", "")))

    def _result(self, item: IngestItem) -> IngestResult:
        if self.new_outcome is not None:
            return IngestResult(outcome=cast("IngestOutcome", self.new_outcome))
        if item.HasField("quarantined"):
            return IngestResult(outcome=INGEST_OUTCOME_QUARANTINED, quarantine_reason=item.quarantined.reason)
        key = (item.event.page_id, item.event.dedupe_key)
        if key in self._seen:
            return IngestResult(outcome=INGEST_OUTCOME_DUPLICATE)
        self._seen.add(key)
        return IngestResult(outcome=INGEST_OUTCOME_STORED)


@asynccontextmanager
async def recording_server(
    recorder: IngestRecorder, address: str = "127.0.0.1:0", certificate: Certificate | None = None
) -> AsyncIterator[str]:
    """Serves the recorder, by TLS if there is a certificate; gives the address."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 16 * 1024 * 1024), ("grpc.so_reuseport", 0)])
    add_IngestServiceServicer_to_server(recorder, server)
    health_pb2_grpc.add_HealthServicer_to_server(recorder.health, server)
    await recorder.tell_health(serving=True)
    if certificate is None:
        port = server.add_insecure_port(address)
    else:
        pair = (certificate.key.read_bytes(), certificate.certificate.read_bytes())
        port = server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    await server.start()
    try:
        yield f"{address.rpartition(':')[0]}:{port}"
    finally:
        await server.stop(None)
