from __future__ import annotations

import json
from typing import Any

import pytest

from ccm_bridge.towards_ccm import BODIES, UNREADABLE, Manner, UnpostableError, written
from cim_messenger.cim_json import decode
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.media_pb2 import AudioBody, FileBody, ImageBody, MultimediaBody, VideoBody
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from expertflow.connector.v1.inbound_pb2 import ReceivedMessage
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext, Reaction

AS_THEY_ARE = Manner(reactions_as_text=False, context=False)


def received(body: dict[str, Any], context: MessengerContext | None = None, **header: Any) -> ReceivedMessage:
    message = decode(json.dumps({"id": "cim-1", "header": {"timestamp": 1767225600123, **header}, "body": body}))
    return ReceivedMessage(message=message, context=context)


def posted(body: dict[str, Any], manner: Manner = AS_THEY_ARE, **rest: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(written(received(body, **rest), manner))
    return value


def test_every_branch_has_a_row() -> None:
    assert set(BODIES) == {field.name for field in MessageBody.DESCRIPTOR.oneofs_by_name["content"].fields}


@pytest.mark.parametrize("branch", sorted(set(BODIES) - {"generic"}))
def test_no_body_goes_as_a_type_that_ccm_cannot_read(branch: str) -> None:
    message = CimMessage(id="cim-1")
    getattr(message.body, branch).SetInParent()

    assert json.loads(written(ReceivedMessage(message=message), AS_THEY_ARE))["body"]["type"] not in UNREADABLE


def test_a_text_goes_as_it_is_with_its_time_as_a_number() -> None:
    message = posted({"type": "PLAIN", "markdownText": "Grüße 📦"})

    assert message["body"] == {"type": "PLAIN", "markdownText": "Grüße 📦"}
    assert message["header"]["timestamp"] == 1767225600123


def test_what_is_delivered_is_not_changed() -> None:
    envelope = received({"type": "CAROUSEL", "elements": [{"text": "a"}]})
    before = envelope.SerializeToString(deterministic=True)
    written(envelope, AS_THEY_ARE)

    assert envelope.SerializeToString(deterministic=True) == before


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("image/png", "IMAGE"),
        ("Video/mp4", "VIDEO"),
        ("audio/ogg", "AUDIO"),
        ("application/pdf", "FILE"),
        (None, "FILE"),
    ],
)
def test_multimedia_goes_as_the_kind_of_its_type(mime_type: str | None, kind: str) -> None:
    attachment = {"mediaUrl": "https://a.example/b", "mimeType": mime_type}
    body = {"type": "MULTIMEDIA", "markdownText": "look", "caption": "c", "attachment": attachment}
    told = posted(body)["body"]

    assert (told["type"], told["caption"], told["markdownText"]) == (kind, "c", "look")
    assert told["attachment"]["mediaUrl"] == "https://a.example/b"


def test_the_media_bodies_have_the_same_fields_under_the_same_numbers() -> None:
    shapes = {
        tuple((field.number, field.name) for field in body.DESCRIPTOR.fields)
        for body in (MultimediaBody, ImageBody, VideoBody, AudioBody, FileBody)
    }

    assert len(shapes) == 1


def test_a_carousel_goes_as_text() -> None:
    cards = [
        {
            "text": "Blue shoe",
            "url": "https://a.example/b.jpg",
            "buttons": [{"title": "Buy", "payload": "p", "type": "s"}],
        },
        {"text": None, "url": None, "buttons": []},
    ]
    told = posted({"type": "CAROUSEL", "markdownText": "Our shoes", "elements": cards})["body"]

    assert told == {"type": "PLAIN", "markdownText": "Our shoes\nBlue shoe\nhttps://a.example/b.jpg\nBuy"}


@pytest.mark.parametrize(("text", "told"), [("Our shoes", "Our shoes"), (None, "CAROUSEL")])
def test_a_carousel_of_another_shape_goes_as_text_too(text: str | None, told: str) -> None:
    body = posted({"type": "CAROUSEL", "markdownText": text, "elements": "none"})["body"]

    assert body == {"type": "PLAIN", "markdownText": told}


def test_an_unknown_type_goes_as_it_is() -> None:
    assert posted({"type": "HOLOGRAM", "depth": 3})["body"] == {"type": "HOLOGRAM", "markdownText": None, "depth": 3}


@pytest.mark.parametrize(
    ("reaction", "text"),
    [
        (Reaction(action="react", reaction="love", emoji="❤"), "reacted ❤"),
        (Reaction(action="react", reaction="other"), "reacted other"),
        (Reaction(action="react"), "reacted"),
        (Reaction(action="unreact"), "took a reaction back"),
    ],
)
def test_a_reaction_goes_as_a_reply_in_words(reaction: Reaction, text: str) -> None:
    custom = {"type": "CUSTOM", "jsonNode": {"kind": "reaction"}}
    context = MessengerContext(reaction=reaction)
    told = posted(custom, Manner(context=False), context=context, originalMessageId="cim-0")

    assert told["body"] == {"type": "PLAIN", "markdownText": text}
    assert (told["header"]["intent"], told["header"]["originalMessageId"]) == ("REPLY_TO", "cim-0")


def test_a_reaction_to_an_unknown_message_quotes_nothing() -> None:
    context = MessengerContext(reaction=Reaction(action="react", emoji="❤"))
    told = posted({"type": "CUSTOM", "jsonNode": {}}, Manner(context=False), context=context)

    assert told["header"]["intent"] is None


def test_a_reaction_can_go_as_it_is() -> None:
    context = MessengerContext(reaction=Reaction(action="react", emoji="❤"))

    assert posted({"type": "CUSTOM", "jsonNode": {"kind": "reaction"}}, context=context)["body"]["type"] == "CUSTOM"


def test_the_context_stands_in_the_entities() -> None:
    context = MessengerContext(reply_to_mid="m_1", more=Json(text='{"lead":{"id":12345678901234567890}}'))
    told = posted({"type": "PLAIN"}, Manner(), context=context, entities={"a": 1})

    assert told["header"]["entities"] == {
        "a": 1,
        "messenger": {"replyToMid": "m_1", "more": {"lead": {"id": 12345678901234567890}}},
    }


@pytest.mark.parametrize("context", [None, MessengerContext()])
def test_without_context_the_entities_stay_as_they_are(context: MessengerContext | None) -> None:
    assert posted({"type": "PLAIN"}, Manner(), context=context)["header"]["entities"] is None


def test_a_body_of_a_newer_contract_cannot_be_posted() -> None:
    with pytest.raises(UnpostableError, match="upgrade"):
        written(ReceivedMessage(message=CimMessage(id="1", body=MessageBody(type="NEW"))), Manner())


def test_what_is_no_json_cannot_be_posted_and_says_where() -> None:
    message = CimMessage(id="1")
    message.body.custom.json_node.text = "{"
    with pytest.raises(UnpostableError, match=r"\$\.body\.jsonNode"):
        written(ReceivedMessage(message=message), Manner())
