from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cim_messenger.cim_json import decode, validate
from expertflow.cim.v1.freeform_pb2 import PlainBody
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody

PLAIN = json.loads((Path(__file__).parents[3] / "fixtures" / "cim" / "bodies" / "plain.json").read_text())

TOO_EARLY = "is before 1973, as if seconds were given for milliseconds"


def violations(message: CimMessage) -> list[tuple[str, str]]:
    return [(violation.path, violation.problem) for violation in validate(message)]


def of_body(**members: Any) -> list[tuple[str, str]]:
    return violations(decode(json.dumps({**PLAIN, "body": members})))


def of_header(**members: Any) -> list[tuple[str, str]]:
    return violations(decode(json.dumps({**PLAIN, "header": {**PLAIN["header"], **members}})))


def test_a_whole_message_has_none() -> None:
    assert violations(decode(json.dumps(PLAIN))) == []


def test_an_empty_message_lacks_its_parts() -> None:
    assert violations(CimMessage()) == [
        ("$.id", "is missing"), ("$.header", "is missing"), ("$.body", "is missing"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"sender": None}, [("$.header.sender", "is missing")]),
        ({"sender": {"id": " ", "type": ""}}, [("$.header.sender.id", "is blank")]),
        ({"sender": {"id": "x"}}, [("$.header.sender.type", "is missing")]),
        ({"timestamp": 1705583492}, [("$.header.timestamp", TOO_EARLY)]),
        ({"timestamp": 0}, [("$.header.timestamp", TOO_EARLY)]),
        ({"timestamp": 10**11}, []),
        ({"timestamp": None}, []),
        (
            {"channelData": {"channelCustomerIdentifier": "", "additionalAttributes": [{}, {"type": "String"}]}},
            [
                ("$.header.channelData.channelCustomerIdentifier", "is blank"),
                ("$.header.channelData.serviceIdentifier", "is missing"),
                (
                    "$.header.channelData.additionalAttributes[1].type",
                    "is a value type that CIM's Java model does not know",
                ),
            ],
        ),
    ],
)
def test_the_header(members: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert of_header(**members) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"type": "IMAGE"}, [("$.body.attachment", "is missing")]),
        ({"type": "FILE", "attachment": {"mediaUrl": "\t"}}, [("$.body.attachment.mediaUrl", "is blank")]),
        ({"type": "URL"}, [("$.body.mediaUrl", "is missing")]),
        ({"type": "STICKER"}, []),
        ({"type": "LOCATION", "location": {"latitude": 0}}, [("$.body.location.longitude", "is missing")]),
        ({"type": "CONTACT", "contacts": [{"name": {}}]}, [("$.body.contacts[0].name.formattedName", "is missing")]),
        (
            {"type": "BUTTON", "buttons": [{"title": "a", "payload": "b", "type": "c"}, {"title": "", "payload": "b"}]},
            [("$.body.buttons[1].title", "is blank"), ("$.body.buttons[1].type", "is missing")],
        ),
        ({"type": "COMMENT"}, [("$.body.postId", "is missing"), ("$.body.itemType", "is missing")]),
        (
            {"type": "TEMPLATE", "namespace": "n", "name": "m", "language": {"code": "en"}},
            [("$.body.language.policy", "is missing")],
        ),
        ({"markdownText": "x"}, [("$.body.type", "is missing")]),
        ({"type": "VOICE_RECORDING"}, []),
    ],
)
def test_the_body(members: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert of_body(**members) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (MessageBody(type="NEWER"), ("$.body", "has no content that this version knows")),
        (MessageBody(type="URL", plain=PlainBody()), ("$.body.type", "contradicts the content, which is PLAIN")),
    ],
)
def test_a_body_that_contradicts_itself(body: MessageBody, expected: tuple[str, str]) -> None:
    message = decode(json.dumps(PLAIN))
    message.body.CopyFrom(body)
    assert violations(message) == [expected]
