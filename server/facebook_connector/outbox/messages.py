"""Outbound messages as protos: states, parts, warnings, failures, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import connector_service_pb2 as pb
from expertflow.connector.v1 import outbound_pb2
from facebook_connector.outbox.outbox import Sent
from facebook_connector.sending.settlement import nothing_left
from facebook_connector.sending.values import (
    Failure,
    HistoryEntry,
    MessageState,
    OutboundDetails,
    OutboundStatus,
    PartState,
    PartStatus,
    SendOrigin,
    SendWarning,
)
from facebook_connector.sending.window import ANSWER_WINDOW_MS
from facebook_connector.timestamps import timestamp

STATES: Mapping[str, outbound_pb2.SendState] = MappingProxyType(
    {
        MessageState.QUEUED: outbound_pb2.SEND_STATE_QUEUED,
        PartState.SENDING: outbound_pb2.SEND_STATE_QUEUED,
        MessageState.SENT: outbound_pb2.SEND_STATE_SENT,
        MessageState.DELIVERED: outbound_pb2.SEND_STATE_DELIVERED,
        MessageState.READ: outbound_pb2.SEND_STATE_READ,
        MessageState.FAILED: outbound_pb2.SEND_STATE_FAILED,
        MessageState.UNCERTAIN: outbound_pb2.SEND_STATE_UNCERTAIN,
        MessageState.IGNORED: outbound_pb2.SEND_STATE_IGNORED,
    }
)
"""State of a message or part → state on the wire, where a call on its way still counts as waiting."""
ORIGINS: Mapping[SendOrigin, outbound_pb2.SendOrigin] = MappingProxyType(
    {
        SendOrigin.HUMAN: outbound_pb2.SEND_ORIGIN_HUMAN,
        SendOrigin.BOT: outbound_pb2.SEND_ORIGIN_BOT,
    }
)


def response(sent: Sent) -> pb.SendMessageResponse:
    """The answer of a send."""
    status = sent.status
    return pb.SendMessageResponse(
        id=status.cim_id,
        state=STATES[status.state],
        terminal=not status.open,
        parts=_parts(status.parts),
        warnings=_warnings(status.warnings),
        failure=_failure(status),
        window_close_time=_window_close_time(status),
        accept_time=timestamp(status.accept_time_ms),
        expire_time=timestamp(status.expire_time_ms),
        page_id=status.page_id,
        psid=status.psid,
        already_accepted=sent.repeated,
    )


def details(found: OutboundDetails) -> pb.GetMessageResponse:
    """A message with its history."""
    return pb.GetMessageResponse(message=message_of(found.status), history=_history(found.history))


def message_of(status: OutboundStatus) -> outbound_pb2.OutboundMessage:
    """A message as it stands now."""
    return outbound_pb2.OutboundMessage(
        id=status.cim_id,
        page_id=status.page_id,
        psid=status.psid,
        state=STATES[status.state],
        terminal=not status.open,
        parts=_parts(status.parts),
        warnings=_warnings(status.warnings),
        failure=_failure(status),
        window_close_time=_window_close_time(status),
        accept_time=timestamp(status.accept_time_ms),
        expire_time=timestamp(status.expire_time_ms),
        update_time=timestamp(status.update_time_ms),
        origin=ORIGINS[status.origin],
    )


def _parts(parts: Iterable[PartStatus]) -> list[outbound_pb2.MessagePart]:
    return [
        outbound_pb2.MessagePart(
            index=part.index,
            state=STATES[part.state],
            provider_message_id=part.mid,
            update_time=timestamp(part.update_time_ms),
        )
        for part in parts
    ]


def _warnings(warnings: Iterable[SendWarning]) -> list[outbound_pb2.SendWarning]:
    return [
        outbound_pb2.SendWarning(code=warning.code, detail=warning.detail, part_index=warning.part_index)
        for warning in warnings
    ]


def _failure(status: OutboundStatus) -> outbound_pb2.Failure | None:
    """Only of a message that is FAILED or finally UNCERTAIN."""
    failure: Failure | None = status.failure
    if failure is None or status.open:
        return None
    return outbound_pb2.Failure(
        reason=failure.reason,
        detail=failure.detail,
        provider_code=failure.provider_code,
        provider_subcode=failure.provider_subcode,
        provider_trace_id=failure.provider_trace_id,
        retryable=nothing_left(part.state for part in status.parts),
        metadata=failure.metadata,
        part_index=failure.part_index,
    )


def _history(history: Iterable[HistoryEntry]) -> list[outbound_pb2.SendHistoryEntry]:
    return [
        outbound_pb2.SendHistoryEntry(
            change_time=timestamp(entry.time_ms),
            state=STATES[entry.state],
            part_index=entry.part_index,
            detail=entry.detail,
        )
        for entry in history
    ]


def _window_close_time(status: OutboundStatus) -> Timestamp | None:
    last = status.last_customer_action_ms
    return None if last is None else timestamp(last + ANSWER_WINDOW_MS)
