from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cim_messenger.cim_json import encode, validate
from connector_cli import send_message
from connector_cli.failures import Failure
from connector_cli.send_contents import Contents
from connector_cli.send_message import Envelope, message_of, read_message, with_envelope
from connector_client import ConnectorClient
from tests.unit.connector_cli.support import ROOT

FIXTURES = sorted((ROOT / "tests/fixtures/outbound").glob("*/*.cim.json"))
ENVELOPE = Envelope(page="104792690000001", psid="7001002003004005", quote=None, human=False, message_id=None)
BODY = {"type": "PLAIN", "markdownText": "Hello"}


def nobody() -> ConnectorClient:
    """A client that is never asked."""
    return ConnectorClient("127.0.0.1:1")


def written(folder: Path, text: str) -> str:
    path = folder / "message.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


async def test_a_text_is_a_message_to_the_customer() -> None:
    message = await message_of(nobody(), ENVELOPE, Contents(text="Hello"))
    header = message.header
    assert validate(message) == []
    assert (message.body.type, message.body.markdown_text) == ("PLAIN", "Hello")
    assert (header.channel_data.service_identifier, header.channel_data.channel_customer_identifier) == (
        ENVELOPE.page,
        ENVELOPE.psid,
    )
    assert (header.sender.type, header.intent, bool(message.id), header.timestamp.seconds > 0) == (
        "BOT",
        "",
        True,
        True,
    )


async def test_a_new_message_has_a_new_id_unless_it_is_given() -> None:
    one, two = [await message_of(nobody(), ENVELOPE, Contents(text="Hello")) for _ in range(2)]
    named = await message_of(nobody(), replace(ENVELOPE, message_id="id-1"), Contents(text="Hello"))
    assert one.id != two.id
    assert named.id == "id-1"


async def test_a_quote_is_answered_and_a_reaction_is_done_to_it() -> None:
    envelope = replace(ENVELOPE, quote="id-0", human=True)
    answer = await message_of(nobody(), envelope, Contents(text="Hello"))
    reaction = await message_of(nobody(), envelope, Contents(react="😊"))
    assert (answer.header.intent, answer.header.original_message_id) == ("REPLY_TO", "id-0")
    assert (reaction.header.intent, reaction.header.original_message_id) == ("", "id-0")
    assert answer.header.sender.type == "AGENT"


async def test_a_reaction_needs_a_message() -> None:
    with pytest.raises(Failure, match="--quote"):
        await message_of(nobody(), ENVELOPE, Contents(react="😊"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_message_of_a_contact_centre_can_come_from_a_file(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    message = with_envelope(read_message(str(path)), ENVELOPE)
    header: dict[str, Any] = json.loads(encode(message))["header"]
    assert message.id == value["id"]
    assert header["sender"]["id"] == value["header"]["sender"]["id"]
    assert header["channelData"]["channelCustomerIdentifier"] == ENVELOPE.psid
    assert message.body.type == value["body"]["type"]


def test_a_body_alone_will_do_and_stdin_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(BODY)))
    assert read_message("-") == {"body": BODY}


def test_what_is_given_counts_before_the_files(tmp_path: Path) -> None:
    name = written(tmp_path, json.dumps({"id": "of-file", "header": {"originalMessageId": "x"}, "body": BODY}))
    message = with_envelope(read_message(name), replace(ENVELOPE, message_id="id-1", quote="id-0"))
    assert (message.id, message.header.original_message_id, message.header.intent) == ("id-1", "id-0", "REPLY_TO")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "is no JSON"), ("[]", "neither a CIM message"), ('{"text": "Hello"}', "neither a CIM message")],
)
def test_what_is_no_message_is_refused_with_the_files_name(tmp_path: Path, text: str, complaint: str) -> None:
    name = written(tmp_path, text)
    with pytest.raises(Failure, match=complaint) as raised:
        read_message(name)
    assert str(raised.value).startswith(f"{name}: ")


def test_a_member_of_another_shape_is_named() -> None:
    with pytest.raises(Failure, match=r"this is no CIM message: .*stamps"):
        with_envelope({"header": {"stamps": 7}, "body": BODY}, ENVELOPE)


async def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read_message(str(tmp_path / "none.json"))
    with pytest.raises(Failure, match="cannot be read"):
        await message_of(nobody(), ENVELOPE, Contents(image=str(tmp_path / "none.jpg")))
    monkeypatch.setattr(send_message, "MAX_MEDIUM", 2)
    picture = written(tmp_path, "abc")
    with pytest.raises(Failure, match=re.escape("has 3 bytes, Facebook takes at most 2")):
        await message_of(nobody(), ENVELOPE, Contents(image=picture))
