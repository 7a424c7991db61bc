"""The errors a caller can get, and the gRPC status of each: the only place that pairs them.

Any room of the server raises `ConnectorError` with a reason of `error_reason.proto`; the interceptor in `services`
turns it into a status. It is not a gRPC module: statuses are names here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DOMAIN = "facebook-connector.expertflow"
"""`ErrorInfo.domain` of every error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldViolation:
    """A request field at fault: its path as in the proto and what is wrong with it."""

    field: str
    description: str


class ConnectorError(Exception):
    """A call cannot be served; the message says what to do, everything dynamic in it is in `metadata` too.

    `reason` is a value name of `ErrorReason` without its prefix, for instance `CHANNEL_NOT_FOUND`.
    Neither message nor metadata may hold a secret or what a customer or an agent wrote.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] = MappingProxyType({}),
        violations: tuple[FieldViolation, ...] = (),
        retry_delay_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata)
        self.violations = violations
        self.retry_delay_ms = retry_delay_ms

    @property
    def status(self) -> str:
        """The gRPC status code's name."""
        return STATUS_OF_REASON[self.reason]


STATUS_OF_REASON: Mapping[str, str] = MappingProxyType(
    {
        "INVALID_FIELD": "INVALID_ARGUMENT",
        "LIMIT_OUT_OF_RANGE": "INVALID_ARGUMENT",
        "PAGE_TOKEN_INVALID": "INVALID_ARGUMENT",
        "TOKEN_MISSING": "UNAUTHENTICATED",
        "TOKEN_INVALID": "UNAUTHENTICATED",
        "ROLE_REQUIRED": "PERMISSION_DENIED",
        "TRANSPORT_NOT_SECURE": "FAILED_PRECONDITION",
        "NOT_IMPLEMENTED": "UNIMPLEMENTED",
        "REQUEST_ID_REUSED": "ALREADY_EXISTS",
        "ETAG_MISMATCH": "ABORTED",
        "SERVER_DRAINING": "UNAVAILABLE",
        "STORE_UNAVAILABLE": "UNAVAILABLE",
        "OVERLOADED": "RESOURCE_EXHAUSTED",
        "INTERNAL": "INTERNAL",
        "STREAM_START_MISSING": "INVALID_ARGUMENT",
        "STREAM_STARTED_TWICE": "INVALID_ARGUMENT",
        "FRAME_EMPTY": "INVALID_ARGUMENT",
        "REPLACED": "ABORTED",
        "SUBSCRIPTION_NOT_FOUND": "NOT_FOUND",
        "SUBSCRIPTION_EXISTS": "ALREADY_EXISTS",
        "SUBSCRIPTION_PROTECTED": "FAILED_PRECONDITION",
        "DEAD_LETTER_NOT_FOUND": "NOT_FOUND",
        "QUARANTINE_ENTRY_NOT_FOUND": "NOT_FOUND",
        "CHANNEL_NOT_FOUND": "NOT_FOUND",
        "CHANNEL_EXISTS": "ALREADY_EXISTS",
        "PAGE_TOKEN_REJECTED": "FAILED_PRECONDITION",
        "PAGE_RESTRICTED": "FAILED_PRECONDITION",
        "PAGE_PERMISSION_MISSING": "FAILED_PRECONDITION",
        "PROVIDER_REJECTED": "FAILED_PRECONDITION",
        "PROVIDER_THROTTLED": "RESOURCE_EXHAUSTED",
        "PROVIDER_UNAVAILABLE": "UNAVAILABLE",
        "MESSAGE_TOO_LARGE": "INVALID_ARGUMENT",
        "MESSAGE_ID_CONFLICT": "ALREADY_EXISTS",
        "MESSAGE_NOT_FOUND": "NOT_FOUND",
        "MESSAGE_NOT_RETRYABLE": "FAILED_PRECONDITION",
        "MESSAGE_NOT_UNCERTAIN": "FAILED_PRECONDITION",
        "OUTSIDE_MESSAGING_WINDOW": "FAILED_PRECONDITION",
        "HUMAN_AGENT_NOT_APPROVED": "FAILED_PRECONDITION",
        "THREAD_OWNED_BY_OTHER_APP": "FAILED_PRECONDITION",
        "THREAD_CONTROL_REFUSED": "FAILED_PRECONDITION",
        "RECIPIENT_UNKNOWN": "NOT_FOUND",
        "RECIPIENT_UNAVAILABLE": "FAILED_PRECONDITION",
        "BODY_INVALID": "INVALID_ARGUMENT",
        "UNSUPPORTED_BODY": "INVALID_ARGUMENT",
        "CONTENT_LIMIT_EXCEEDED": "INVALID_ARGUMENT",
        "CUSTOM_NOT_ALLOWED": "FAILED_PRECONDITION",
        "EXPIRED": "DEADLINE_EXCEEDED",
        "CANCELLED": "CANCELLED",
        "DELIVERY_UNCERTAIN": "UNKNOWN",
        "MEDIA_NOT_FOUND": "NOT_FOUND",
        "MEDIA_PENDING": "UNAVAILABLE",
        "MEDIA_FAILED": "FAILED_PRECONDITION",
        "MEDIA_OFFSET_OUT_OF_RANGE": "OUT_OF_RANGE",
        "MEDIA_CHECKSUM_MISMATCH": "INVALID_ARGUMENT",
        "MEDIA_TOO_LARGE": "INVALID_ARGUMENT",
        "MEDIA_ORIGIN_NOT_ALLOWED": "FAILED_PRECONDITION",
        "MEDIA_UNREACHABLE": "UNAVAILABLE",
        "MEDIA_REJECTED": "FAILED_PRECONDITION",
    }
)
"""Reason → gRPC status code name; a test compares it with the comments of `error_reason.proto`."""
