"""Errors on the wire: as the status of a failed call, and as `connector.v1.Error` inside streams and batches.

The details travel as a `google.rpc.Status` in the trailing metadata `grpc-status-details-bin`, the form that every
gRPC language reads (https://grpc.io/docs/guides/error/#richer-error-model).
"""

from __future__ import annotations

from typing import Any, Never

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1 import error_pb2
from facebook_connector.errors import DOMAIN, ConnectorError
from facebook_connector.store.errors import StoreUnavailable

DETAILS_KEY = "grpc-status-details-bin"

MAX_VIOLATIONS = 20
"""Trailing metadata must fit 8 KiB at most clients; whoever sends more faults than this has read enough."""


def understood(error: Exception) -> ConnectorError | None:
    """What to tell the caller of an error that some room raised on purpose; None for a fault of ours."""
    match error:
        case ConnectorError():
            return error
        case StoreUnavailable():
            return ConnectorError("STORE_UNAVAILABLE", "The database cannot be used at present; repeat the call.")
        case _:
            return None


def status_code(error: ConnectorError) -> grpc.StatusCode:
    """The gRPC status code of an error."""
    return grpc.StatusCode[error.status]


def status_message(error: ConnectorError) -> status_pb2.Status:
    """The error as `google.rpc.Status` with its details packed."""
    status = status_pb2.Status(code=status_code(error).value[0], message=error.message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata))
    if error.violations:
        status.details.add().Pack(_bad_request(error))
    if error.retry_delay_ms is not None:
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=_duration(error.retry_delay_ms)))
    return status


def error_message(error: ConnectorError) -> error_pb2.Error:
    """The error as it stands inside a stream or a batch."""
    message = error_pb2.Error(
        code=status_code(error).value[0],
        reason=error.reason,
        message=error.message,
        metadata=error.metadata,
        field_violations=[
            error_pb2.FieldViolation(field=violation.field, description=violation.description)
            for violation in error.violations
        ],
    )
    if error.retry_delay_ms is not None:
        message.retry_delay.CopyFrom(_duration(error.retry_delay_ms))
    return message


async def abort(context: grpc.aio.ServicerContext[Any, Any], error: ConnectorError) -> Never:
    """Ends the call with the error's status."""
    details = ((DETAILS_KEY, status_message(error).SerializeToString()),)
    await context.abort(status_code(error), error.message, details)


def _bad_request(error: ConnectorError) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.description)
            for violation in error.violations[:MAX_VIOLATIONS]
        ]
    )


def _duration(milliseconds: int) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(milliseconds)
    return duration
