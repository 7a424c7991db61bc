from __future__ import annotations

from connector_client import text_message
from expertflow.cim.v1 import message_pb2


def test_a_text_is_addressed_and_has_an_id_of_its_own() -> None:
    first, second = text_message("1001", "7001", "Hello"), text_message("1001", "7001", "Hello")
    channel = first.header.channel_data

    assert (channel.service_identifier, channel.channel_customer_identifier) == ("1001", "7001")
    assert (first.body.type, first.body.markdown_text, first.body.WhichOneof("content")) == ("PLAIN", "Hello", "plain")
    assert first.id != second.id
    assert first.header.HasField("timestamp")


def test_a_machine_is_the_default_sender() -> None:
    assert text_message("1001", "7001", "Hello").header.sender.type == "BOT"


def test_a_person_may_be_the_sender() -> None:
    agent = message_pb2.Sender(id="anna", type="AGENT")

    assert text_message("1001", "7001", "Hello", sender=agent).header.sender == agent


def test_a_quote_names_the_message_it_answers() -> None:
    header = text_message("1001", "7001", "Yes", quote="cim-1").header

    assert (header.intent, header.original_message_id) == ("REPLY_TO", "cim-1")
    assert not text_message("1001", "7001", "Yes").header.HasField("intent")
