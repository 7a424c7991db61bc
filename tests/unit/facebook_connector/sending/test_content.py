from __future__ import annotations

from collections.abc import Callable

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.sending.content import content_hash


def message(text: str = "Hello", details: str = '{"a": 1, "b": [true, null]}') -> CimMessage:
    built = CimMessage(id="out-1")
    built.header.channel_data.service_identifier = "100200300400500"
    built.header.channel_data.channel_customer_identifier = "7001002003004005"
    built.body.type = "IMAGE"
    built.body.markdown_text = text
    built.body.image.attachment.media_url = "https://cc.example/1.jpg"
    built.body.image.additional_details.text = details
    return built


def changed(change: Callable[[CimMessage], object]) -> CimMessage:
    built = message()
    change(built)
    return built


def test_the_hash_is_pinned() -> None:
    assert content_hash(message()) == "1:c7e050807ebaf8811d11eeea0e41d85d8d6e4c8685ff9b27a61300fdaf68e92a"


def test_the_same_content_has_the_same_hash() -> None:
    assert content_hash(message()) == content_hash(message())


@pytest.mark.parametrize("details", ['{"b":[true,null],"a":1}', '  {"a":1,\n"b":[true, null]}'])
def test_key_order_and_blanks_of_free_json_do_not_matter(details: str) -> None:
    assert content_hash(message(details=details)) == content_hash(message())


@pytest.mark.parametrize(
    "change",
    [
        lambda built: setattr(built, "id", "out-2"),
        lambda built: built.header.timestamp.GetCurrentTime(),
        lambda built: setattr(built.header.sender, "sender_name", "nils"),
        lambda built: setattr(built.header, "conversation_id", "c-1"),
        lambda built: setattr(built.header, "provider_message_id", "m_A1"),
    ],
)
def test_what_is_no_content_does_not_matter(change: Callable[[CimMessage], object]) -> None:
    assert content_hash(changed(change)) == content_hash(message())


@pytest.mark.parametrize(
    "change",
    [
        lambda built: setattr(built.header.channel_data, "service_identifier", "2"),
        lambda built: setattr(built.header.channel_data, "channel_customer_identifier", "2"),
        lambda built: setattr(built.header, "intent", "REPLY_TO"),
        lambda built: setattr(built.header, "original_message_id", "in-1"),
        lambda built: setattr(built.body, "markdown_text", "hello"),
        lambda built: setattr(built.body.image.attachment, "media_url", "https://cc.example/2.jpg"),
        lambda built: setattr(built.body.image.additional_details, "text", '{"a": 1.0, "b": [true, null]}'),
        lambda built: setattr(built.body.image.additional_details, "text", "no json"),
        lambda built: setattr(built.body.extras, "text", '{"more": 1}'),
    ],
)
def test_other_content_has_another_hash(change: Callable[[CimMessage], object]) -> None:
    assert content_hash(changed(change)) != content_hash(message())


@pytest.mark.parametrize("details", ["[" * 100_000, "NaN", "1e999999999999", "1" * 5000, '"\\ud800"'])
def test_strange_json_has_a_hash(details: str) -> None:
    assert content_hash(message(details=details)).startswith("1:")
