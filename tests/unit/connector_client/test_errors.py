from __future__ import annotations

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from connector_client import ConnectorError, FieldViolation
from connector_client._errors import DETAILS_KEY, error_of_message, error_of_status
from expertflow.connector.v1 import error_pb2

INFO = error_details_pb2.ErrorInfo(reason="OVERLOADED", domain="facebook-connector.expertflow", metadata={"queue": "7"})
BAD = error_details_pb2.BadRequest(
    field_violations=[error_details_pb2.BadRequest.FieldViolation(field="message.id", description="is missing")]
)
RETRY = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000))


def status(*details: Message, code: grpc.StatusCode = grpc.StatusCode.RESOURCE_EXHAUSTED) -> grpc.aio.AioRpcError:
    message = status_pb2.Status(code=code.value[0], message="too much")
    for detail in details:
        message.details.add().Pack(detail)
    metadata = grpc.aio.Metadata((DETAILS_KEY, message.SerializeToString()))
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), metadata, details="too much")


def test_reason_and_metadata_come_from_the_error_info() -> None:
    error = error_of_status(status(INFO))

    assert (error.code, error.reason, error.metadata) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "OVERLOADED",
        {"queue": "7"},
    )


def test_fields_at_fault_come_from_the_bad_request() -> None:
    error = error_of_status(status(INFO, BAD))

    assert error.violations == (FieldViolation(field="message.id", description="is missing"),)


def test_the_delay_comes_from_the_retry_info() -> None:
    assert error_of_status(status(INFO, RETRY)).retry_delay == 1.5


def test_a_status_without_details_has_no_reason() -> None:
    bare = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="gone")

    error = error_of_status(bare)

    assert (error.reason, error.message, error.retry_delay) == ("", "gone", None)


def test_details_that_are_no_status_are_passed_over() -> None:
    broken = grpc.aio.Metadata((DETAILS_KEY, b"\xff\xff"))

    assert error_of_status(grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, None, broken, details="x")).reason == ""


def test_an_error_in_a_stream_reads_like_a_status() -> None:
    error = error_of_message(
        error_pb2.Error(
            code=8,
            reason="OVERLOADED",
            message="too much",
            metadata={"queue": "7"},
            field_violations=[error_pb2.FieldViolation(field="message.id", description="is missing")],
            retry_delay=Duration(seconds=2),
        )
    )

    assert (error.code, error.reason, error.metadata, error.retry_delay) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "OVERLOADED",
        {"queue": "7"},
        2.0,
    )
    assert error.violations == (FieldViolation(field="message.id", description="is missing"),)


def test_a_code_newer_than_grpc_is_unknown() -> None:
    assert error_of_message(error_pb2.Error(code=99)).code is grpc.StatusCode.UNKNOWN


@pytest.mark.parametrize(
    ("code", "repeatable"),
    [
        (grpc.StatusCode.UNAVAILABLE, True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (grpc.StatusCode.DEADLINE_EXCEEDED, False),
        (grpc.StatusCode.INVALID_ARGUMENT, False),
    ],
)
def test_only_what_passes_by_itself_is_repeatable(code: grpc.StatusCode, repeatable: bool) -> None:
    assert ConnectorError(code, "x").repeatable is repeatable


def test_the_text_names_the_reason_or_else_the_code() -> None:
    assert str(ConnectorError(grpc.StatusCode.NOT_FOUND, "no such page", reason="CHANNEL_NOT_FOUND")) == (
        "CHANNEL_NOT_FOUND: no such page"
    )
    assert str(ConnectorError(grpc.StatusCode.UNAVAILABLE, "gone")) == "UNAVAILABLE: gone"
