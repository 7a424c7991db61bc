from __future__ import annotations

import grpc
import pytest

from ccm_bridge.answers import STATUSES, json_path, refusal
from connector_client import ConnectorError, FieldViolation
from expertflow.connector.v1.error_reason_pb2 import ErrorReason

KNOWN = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.DESCRIPTOR.values_by_name} - {"UNSPECIFIED"}

NEVER_ANSWERED_TO_A_SEND = {
    "PAGE_TOKEN_INVALID", "NOT_IMPLEMENTED", "REQUEST_ID_REUSED", "ETAG_MISMATCH", "INTERNAL",
    "STREAM_START_MISSING", "STREAM_STARTED_TWICE", "FRAME_EMPTY", "REPLACED", "SUBSCRIPTION_NOT_FOUND",
    "SUBSCRIPTION_EXISTS", "SUBSCRIPTION_PROTECTED", "DEAD_LETTER_NOT_FOUND", "QUARANTINE_ENTRY_NOT_FOUND",
    "CHANNEL_EXISTS", "PAGE_TOKEN_REJECTED", "PAGE_RESTRICTED", "PAGE_PERMISSION_MISSING", "PROVIDER_REJECTED",
    "PROVIDER_THROTTLED", "PROVIDER_UNAVAILABLE", "MESSAGE_NOT_FOUND", "MESSAGE_NOT_RETRYABLE",
    "MESSAGE_NOT_UNCERTAIN", "HUMAN_AGENT_NOT_APPROVED", "THREAD_CONTROL_REFUSED", "RECIPIENT_UNKNOWN",
    "RECIPIENT_UNAVAILABLE", "EXPIRED", "CANCELLED", "DELIVERY_UNCERTAIN", "MEDIA_NOT_FOUND", "MEDIA_PENDING",
    "MEDIA_FAILED", "MEDIA_OFFSET_OUT_OF_RANGE", "MEDIA_CHECKSUM_MISMATCH", "MEDIA_TOO_LARGE", "MEDIA_UNREACHABLE",
    "MEDIA_REJECTED",
}  # fmt: skip
"""Reasons of other calls, of failures after acceptance, and INTERNAL, which is a fault of ours: all of them 500."""

RECORDED = {"OUTSIDE_MESSAGING_WINDOW", "CUSTOM_NOT_ALLOWED", "THREAD_OWNED_BY_OTHER_APP", "MEDIA_ORIGIN_NOT_ALLOWED"}
"""Refused at acceptance only by a server that does not know `record_refusals`."""


def error(reason: str, code: grpc.StatusCode = grpc.StatusCode.INVALID_ARGUMENT, *fields: str) -> ConnectorError:
    violations = tuple(FieldViolation(field=field, description=f"{field} is wrong") for field in fields)
    return ConnectorError(code, "the message", reason=reason, violations=violations)


def test_every_reason_is_decided_upon() -> None:
    assert set(STATUSES) - {""} | NEVER_ANSWERED_TO_A_SEND | RECORDED == KNOWN
    assert not set(STATUSES) & NEVER_ANSWERED_TO_A_SEND


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("CHANNEL_NOT_FOUND", 404),
        ("INVALID_FIELD", 400),
        ("MESSAGE_TOO_LARGE", 413),
        ("MESSAGE_ID_CONFLICT", 409),
        ("STORE_UNAVAILABLE", 503),
        ("TOKEN_INVALID", 503),
        ("INTERNAL", 500),
        ("OF_A_NEWER_SERVER", 500),
    ],
)
def test_a_reason_becomes(reason: str, status: int) -> None:
    assert refusal(error(reason)).status == status


def test_no_connection_is_a_503_that_says_when_to_come_again() -> None:
    away = refusal(error("", grpc.StatusCode.UNAVAILABLE))
    told = refusal(ConnectorError(grpc.StatusCode.UNAVAILABLE, "m", reason="OVERLOADED", retry_delay=30.2))

    assert (away.status, away.reason, away.retry_after_s) == (503, "UNAVAILABLE", 5)
    assert told.retry_after_s == 30
    assert refusal(error("CHANNEL_NOT_FOUND")).retry_after_s is None


def test_a_page_id_that_is_no_number_is_an_unknown_page() -> None:
    refused = refusal(
        error("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT, "message.header.channel_data.service_identifier")
    )

    assert (refused.status, refused.path) == (404, "$.header.channelData.serviceIdentifier")


def test_a_field_is_named_as_ccm_wrote_it() -> None:
    fields = ("message.header.channel_data.channel_customer_identifier", "message.id")
    refused = refusal(error("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT, *fields))

    assert (refused.status, refused.path) == (400, "$.header.channelData.channelCustomerIdentifier")
    assert refused.detail == f"{fields[0]} is wrong"
    assert json_path("message.id") == "$.id"
