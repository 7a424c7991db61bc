"""What people decide about messages to customers: `RetryMessage`, `CancelMessages`, `ResolveMessage`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from expertflow.connector.v1.connector_service_pb2 import RetryMessageRequest, RetryMessageResponse
from expertflow.connector.v1.operations_service_pb2 import (
    MESSAGE_RESOLUTION_RESEND,
    MESSAGE_RESOLUTION_SENT,
    CancelMessagesRequest,
    CancelMessagesResponse,
    MessageResolution,
    ResolveMessageRequest,
    ResolveMessageResponse,
)
from facebook_connector.actors import current_actor
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_page_id, require_request_id
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.operations.conditions import moment_ms, require_texts
from facebook_connector.outbox.messages import message_of
from facebook_connector.sending.failures import cancelled
from facebook_connector.sending.request import origin_of, read_ttl
from facebook_connector.sending.values import MessageKey, OutboundDetails, OutboundStatus
from facebook_connector.store.channels import find_channel
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.decisions import Chosen, Decided, call_sent, cancel, resend, retry

MAX_IDS = 1000

RESOLUTIONS: Mapping[MessageResolution, Callable[[Transaction, MessageKey, int], Decided | None]] = MappingProxyType(
    {MESSAGE_RESOLUTION_SENT: call_sent, MESSAGE_RESOLUTION_RESEND: resend}
)
"""A test proves that none is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDecisions:
    """Decides about accepted messages."""

    log: Callable[[str, str], Awaitable[OutboundDetails]]
    """Finds a message by its id, and its page if that is given; raises `ConnectorError`."""
    requests: OperatorRequests
    queued_again: Callable[[str, str], None]
    """Called with page and PSID of a message that may go out now."""
    cancelled: Callable[[str], None]
    """Called with the page of which messages were cancelled."""

    async def retry(self, request: RetryMessageRequest) -> RetryMessageResponse:
        """Raises `ConnectorError`: INVALID_FIELD, LIMIT_OUT_OF_RANGE, MESSAGE_NOT_…, REQUEST_ID_REUSED."""
        require_request_id(request.request_id)
        ttl_ms = read_ttl(request.ttl) if request.HasField("ttl") else None
        found = await self._find(request)

        def work(transaction: Transaction, now_ms: int) -> RetryMessageResponse:
            decided = _existing(retry(transaction, _key_of(found), now_ms, ttl_ms), request.id)
            if not decided.done:
                raise _wrong_state(decided.status, "MESSAGE_NOT_RETRYABLE", "Only a failed message that has content")
            return RetryMessageResponse(message=message_of(decided.status))

        answer, _ = await self.requests.run(request, RetryMessageResponse, work, Audited(target=request.id))
        self.queued_again(found.page_id, found.psid)
        return answer

    async def resolve(self, request: ResolveMessageRequest) -> ResolveMessageResponse:
        """Raises `ConnectorError`: INVALID_FIELD, MESSAGE_NOT_FOUND, MESSAGE_NOT_UNCERTAIN, REQUEST_ID_REUSED."""
        require_request_id(request.request_id)
        if request.resolution not in RESOLUTIONS:
            refuse([FieldViolation(field="resolution", description="must be SENT or RESEND")])
        decide = RESOLUTIONS[request.resolution]
        found = await self._find(request)

        def work(transaction: Transaction, now_ms: int) -> ResolveMessageResponse:
            decided = _existing(decide(transaction, _key_of(found), now_ms), request.id)
            if not decided.done:
                raise _wrong_state(
                    decided.status, "MESSAGE_NOT_UNCERTAIN", "Only an uncertain message that has content"
                )
            return ResolveMessageResponse(message=message_of(decided.status))

        resolution = MessageResolution.Name(request.resolution).removeprefix("MESSAGE_RESOLUTION_")
        audited: Audited[ResolveMessageResponse] = Audited(target=request.id, detail=lambda _: resolution)
        answer, _ = await self.requests.run(request, ResolveMessageResponse, work, audited)
        self.queued_again(found.page_id, found.psid)
        return answer

    async def cancel(self, request: CancelMessagesRequest) -> CancelMessagesResponse:
        """Raises `ConnectorError`: INVALID_FIELD, CHANNEL_NOT_FOUND, REQUEST_ID_REUSED."""
        chosen, failure = _chosen(request), cancelled(current_actor())

        def work(transaction: Transaction, now_ms: int) -> CancelMessagesResponse:
            if find_channel(transaction, chosen.page_id) is None:
                raise ConnectorError(
                    "CHANNEL_NOT_FOUND", "No channel has this page id.", metadata={"page_id": chosen.page_id}
                )
            done = cancel(transaction, chosen, failure, now_ms)
            return CancelMessagesResponse(cancelled_count=done.cancelled, in_flight_count=done.in_flight)

        audited: Audited[CancelMessagesResponse] = Audited(target=chosen.page_id, detail=_cancelled_in_words)
        answer, _ = await self.requests.run(request, CancelMessagesResponse, work, audited)
        self.cancelled(chosen.page_id)
        return answer

    async def _find(self, request: RetryMessageRequest | ResolveMessageRequest) -> OutboundStatus:
        require_texts(request, "id", "page_id")
        if not request.id:
            refuse([FieldViolation(field="id", description="is missing")])
        return (await self.log(request.id, request.page_id)).status


def _chosen(request: CancelMessagesRequest) -> Chosen:
    require_page_id(request.page_id)
    require_request_id(request.request_id)
    require_texts(request, "psid")
    if len(request.ids) > MAX_IDS:
        refuse(
            [FieldViolation(field="ids", description=f"has {len(request.ids)} entries, at most {MAX_IDS} are taken")]
        )
    if any("\0" in cim_id for cim_id in request.ids):
        refuse([FieldViolation(field="ids", description="holds a NUL character")])
    return Chosen(
        page_id=request.page_id,
        psid=request.psid,
        ids=tuple(request.ids),
        origin=origin_of(request.origin),
        accepted_before_ms=moment_ms(request, "accepted_before"),
    )


def _key_of(status: OutboundStatus) -> MessageKey:
    return MessageKey(page_id=status.page_id, cim_id=status.cim_id)


def _existing(decided: Decided | None, cim_id: str) -> Decided:
    if decided is None:
        # It was removed in this very moment.
        raise ConnectorError("MESSAGE_NOT_FOUND", "no accepted message has this id", metadata={"id": cim_id})
    return decided


def _wrong_state(status: OutboundStatus, reason: str, which: str) -> ConnectorError:
    return ConnectorError(
        reason,
        f"{which} can be decided about so; this one is {status.state}.",
        metadata={"id": status.cim_id, "state": status.state.value},
    )


def _cancelled_in_words(answer: CancelMessagesResponse) -> str:
    return f"cancelled: {answer.cancelled_count}; under way: {answer.in_flight_count}"
