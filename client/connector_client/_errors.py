"""The one exception of this client, read from a gRPC status or from an error inside a stream.

The details of a status travel as a `google.rpc.Status` in the trailing metadata
(https://grpc.io/docs/guides/error/#richer-error-model).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1 import error_pb2

DETAILS_KEY = "grpc-status-details-bin"

REPEATABLE = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED})

_CODES: Mapping[int, grpc.StatusCode] = MappingProxyType({code.value[0]: code for code in grpc.StatusCode})
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldViolation:
    """A request field at fault: its path as in the proto, and what is wrong with it."""

    field: str
    description: str


class ConnectorError(Exception):
    """A call or a message was refused, or the server could not be reached. Decide on `reason`, else on `code`.

    `reason` is the name of an `ErrorReason` without its prefix, such as `CHANNEL_NOT_FOUND`; empty when the error does
    not come from the connector itself (no connection, a proxy, this client). `metadata` holds the dynamic parts of
    the message, `violations` the fields at fault, `retry_delay` the seconds after which a repeat can succeed.
    """

    def __init__(  # noqa: PLR0913 # one for each thing the contract's Error says
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] = _NOTHING,
        violations: tuple[FieldViolation, ...] = (),
        retry_delay: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata)
        self.violations = violations
        self.retry_delay = retry_delay

    def __str__(self) -> str:
        return f"{self.reason or self.code.name}: {self.message}"

    @property
    def repeatable(self) -> bool:
        """Whether the same call may succeed later without a change of it."""
        return self.code in REPEATABLE


def error_of_status(error: grpc.aio.AioRpcError) -> ConnectorError:
    """Reads the status of a failed call."""
    reason, metadata = "", _NOTHING
    violations: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None
    for detail in _details(error):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = _unpack(detail, error_details_pb2.ErrorInfo())
            reason, metadata = info.reason, info.metadata
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            violations = _violations(_unpack(detail, error_details_pb2.BadRequest()).field_violations)
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry_delay = _seconds(_unpack(detail, error_details_pb2.RetryInfo()).retry_delay)
    return ConnectorError(
        error.code(),
        error.details() or error.code().name,
        reason=reason,
        metadata=metadata,
        violations=violations,
        retry_delay=retry_delay,
    )


def error_of_message(error: error_pb2.Error) -> ConnectorError:
    """Reads an error that stands inside a stream or a batch."""
    return ConnectorError(
        _CODES.get(error.code, grpc.StatusCode.UNKNOWN),
        error.message,
        reason=error.reason,
        metadata=error.metadata,
        violations=_violations(error.field_violations),
        retry_delay=_seconds(error.retry_delay) if error.HasField("retry_delay") else None,
    )


def _details(error: grpc.aio.AioRpcError) -> Any:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value).details
            except DecodeError:
                break
    return ()


def _unpack(detail: Any, message: Any) -> Any:
    detail.Unpack(message)
    return message


def _violations(violations: Any) -> tuple[FieldViolation, ...]:
    return tuple(FieldViolation(field=each.field, description=each.description) for each in violations)


def _seconds(duration: Duration) -> float:
    return duration.ToTimedelta().total_seconds()
