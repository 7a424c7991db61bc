from __future__ import annotations

from google.rpc import code_pb2, error_details_pb2

from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.services.status import MAX_VIOLATIONS, error_message, status_message, understood
from facebook_connector.store.errors import StoreError, StoreFull, StoreUnavailable

ERROR = ConnectorError(
    "OVERLOADED",
    "The queue is full.",
    metadata={"limit": "outbound_queue_messages"},
    violations=(FieldViolation(field="message.id", description="is empty"),),
    retry_delay_ms=1500,
)


def test_a_status_names_reason_domain_and_metadata() -> None:
    status = status_message(ERROR)
    info = error_details_pb2.ErrorInfo()

    assert (status.code, status.message) == (code_pb2.RESOURCE_EXHAUSTED, "The queue is full.")
    assert status.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("OVERLOADED", "facebook-connector.expertflow")
    assert info.metadata == {"limit": "outbound_queue_messages"}


def test_fields_at_fault_stand_beside_it() -> None:
    bad_request = error_details_pb2.BadRequest()

    assert status_message(ERROR).details[1].Unpack(bad_request)
    assert [(violation.field, violation.description) for violation in bad_request.field_violations] == [
        ("message.id", "is empty")
    ]


def test_a_known_delay_stands_beside_it() -> None:
    retry = error_details_pb2.RetryInfo()

    assert status_message(ERROR).details[2].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 1500


def test_without_fields_and_delay_there_is_only_the_reason() -> None:
    assert len(status_message(ConnectorError("INTERNAL", "failed")).details) == 1


def test_violations_cannot_outgrow_the_trailing_metadata() -> None:
    many = tuple(FieldViolation(field=f"items[{index}]", description="is empty") for index in range(1000))
    bad_request = error_details_pb2.BadRequest()
    status_message(ConnectorError("INVALID_FIELD", "wrong", violations=many)).details[1].Unpack(bad_request)

    assert len(bad_request.field_violations) == MAX_VIOLATIONS


def test_inside_a_stream_the_content_is_the_same() -> None:
    message = error_message(ERROR)

    assert (message.code, message.reason, message.message) == (8, "OVERLOADED", "The queue is full.")
    assert message.metadata == {"limit": "outbound_queue_messages"}
    assert [violation.field for violation in message.field_violations] == ["message.id"]
    assert message.retry_delay.ToMilliseconds() == 1500


def test_inside_a_stream_an_unknown_delay_is_absent() -> None:
    assert not error_message(ConnectorError("INTERNAL", "failed")).HasField("retry_delay")


def test_a_store_that_is_away_is_told_as_such() -> None:
    for error in (StoreUnavailable("locked"), StoreFull("disk full")):
        told = understood(error)
        assert told is not None
        assert told.reason == "STORE_UNAVAILABLE"


def test_a_fault_of_ours_is_not_understood() -> None:
    assert understood(StoreError("a row is odd")) is None
    assert understood(KeyError("page")) is None
