from __future__ import annotations

from collections.abc import Callable

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.outbound_pb2 import SEND_ORIGIN_BOT, SEND_ORIGIN_HUMAN
from expertflow.connector.v1.outbound_pb2 import SendOptions as WireOptions
from facebook_connector.errors import ConnectorError
from facebook_connector.sending.request import MAX_MESSAGE_BYTES, Address, SendOptions, read_address, read_options
from facebook_connector.sending.values import SendOrigin


def message() -> CimMessage:
    built = CimMessage(id="out-1")
    built.header.channel_data.service_identifier = "100200300400500"
    built.header.channel_data.channel_customer_identifier = "7001002003004005"
    return built


def refused(built: CimMessage) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        read_address(built)
    return raised.value


def out_of_range(options: WireOptions) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        read_options(options, "AGENT")
    return raised.value


def test_the_address_is_page_person_and_id() -> None:
    assert read_address(message()) == Address(cim_id="out-1", page_id="100200300400500", psid="7001002003004005")


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda built: built.ClearField("id"), "message.id"),
        (lambda built: setattr(built, "id", "x" * 129), "message.id"),
        (lambda built: setattr(built, "id", "a\0b"), "message.id"),
        (
            lambda built: built.header.channel_data.ClearField("channel_customer_identifier"),
            "message.header.channel_data.channel_customer_identifier",
        ),
        (
            lambda built: setattr(built.header.channel_data, "channel_customer_identifier", "-"),
            "message.header.channel_data.channel_customer_identifier",
        ),
        (
            lambda built: setattr(built.header.channel_data, "channel_customer_identifier", "7001/2"),
            "message.header.channel_data.channel_customer_identifier",
        ),
        (
            lambda built: setattr(built.header.channel_data, "service_identifier", "1" * 33),
            "message.header.channel_data.service_identifier",
        ),
        (
            lambda built: setattr(built.header.channel_data, "service_identifier", "٣"),
            "message.header.channel_data.service_identifier",
        ),
    ],
)
def test_a_missing_or_impossible_address_is_refused_with_its_path(
    spoil: Callable[[CimMessage], object], field: str
) -> None:
    built = message()
    spoil(built)
    error = refused(built)
    assert (error.reason, error.metadata) == ("INVALID_FIELD", {"field": field})
    assert [violation.field for violation in error.violations] == [field]


@pytest.mark.parametrize("text", ["", "no json", "NaN", "{} {}", "[" * 1000 + "]" * 1000])
def test_free_json_that_is_none_is_refused_with_its_path(text: str) -> None:
    built = message()
    built.body.custom.json_node.text = "{}"
    built.header.channel_data.additional_attributes.add().value.text = "1"
    built.header.channel_data.additional_attributes.add().value.text = text
    field = "message.header.channel_data.additional_attributes[1].value.text"
    assert [violation.field for violation in refused(built).violations] == [field]


def test_every_field_at_fault_is_named() -> None:
    assert len(refused(CimMessage()).violations) == 3


def test_a_message_over_three_mebibytes_is_refused() -> None:
    built = message()
    built.body.markdown_text = "x" * MAX_MESSAGE_BYTES
    error = refused(built)
    assert (error.reason, error.metadata["maximum"]) == ("MESSAGE_TOO_LARGE", "3145728")


@pytest.mark.parametrize(
    ("sender", "origin", "ttl_ms"),
    [
        ("AGENT", SendOrigin.HUMAN, 86_400_000),
        ("BOT", SendOrigin.BOT, 900_000),
        ("agent", SendOrigin.BOT, 900_000),
        ("", SendOrigin.BOT, 900_000),
    ],
)
def test_the_defaults_follow_from_the_sender(sender: str, origin: SendOrigin, ttl_ms: int) -> None:
    assert read_options(WireOptions(), sender) == SendOptions(wait_ms=10_000, ttl_ms=ttl_ms, origin=origin)


@pytest.mark.parametrize(("wire", "origin"), [(SEND_ORIGIN_HUMAN, SendOrigin.HUMAN), (SEND_ORIGIN_BOT, SendOrigin.BOT)])
def test_a_given_origin_wins_over_the_sender(wire: int, origin: SendOrigin) -> None:
    options = WireOptions()
    options.origin = wire  # type: ignore[assignment]  # the stubs want the enum type, the wire has numbers
    for sender in ("AGENT", "BOT"):
        assert read_options(options, sender).origin is origin


def test_an_unknown_origin_is_refused() -> None:
    options = WireOptions()
    options.origin = 9  # type: ignore[assignment]
    assert out_of_range(options).metadata == {"field": "options.origin"}


def test_wait_zero_is_not_the_default() -> None:
    options = WireOptions()
    options.wait.SetInParent()
    assert read_options(options, "AGENT").wait_ms == 0


@pytest.mark.parametrize(
    ("name", "milliseconds"), [("wait", -1), ("wait", 300_001), ("ttl", 999), ("ttl", 604_800_001)]
)
def test_a_duration_out_of_range_is_refused(name: str, milliseconds: int) -> None:
    options = WireOptions()
    getattr(options, name).FromMilliseconds(milliseconds)
    error = out_of_range(options)
    assert (error.reason, error.metadata["field"]) == ("LIMIT_OUT_OF_RANGE", f"options.{name}")


def test_a_refused_duration_is_told_in_seconds() -> None:
    options = WireOptions()
    options.wait.FromMilliseconds(300_500)
    expected = {"field": "options.wait", "value": "300.5s", "minimum": "0s", "maximum": "300s"}
    assert out_of_range(options).metadata == expected
