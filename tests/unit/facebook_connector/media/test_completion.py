from __future__ import annotations

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_FAILED, MEDIA_STATE_STORED, MessengerContext
from facebook_connector.media.completion import Ending, complete
from facebook_connector.media.sniff import Kind
from facebook_connector.store.media.values import MediaResult

OWN = "https://chat.example.com/media/abc"
LINK = "https://cx.example.com/file-engine/api/downloadFileStream?filename=0a_Plan.pdf"
STORED = MediaResult(mime_type="application/pdf", name="Plan ä.pdf", size=7, sha256="ab" * 32)
IN_FILE_ENGINE = Ending(result=STORED, link=LINK, stored_name="0a_Plan.pdf")
ATTACHED = [Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.FILE]


def a_message(kind: Kind) -> CimMessage:
    message = CimMessage(id="cim-1")
    message.header.intent = "REPLY_TO"
    message.body.type = kind.value.upper()
    content = getattr(message.body, kind.value)
    if kind is Kind.STICKER:
        content.media_url = OWN
    else:
        content.attachment.media_url = content.attachment.thumbnail = OWN
    return message


def completed(message: CimMessage, ending: Ending) -> tuple[CimMessage, MessengerContext]:
    content, context = complete(message.SerializeToString(), b"", ending)
    return CimMessage.FromString(content), MessengerContext.FromString(context)


@pytest.mark.parametrize("kind", ATTACHED)
def test_the_place_s_own_link_and_name_stand_in_the_message(kind: Kind) -> None:
    message, context = completed(a_message(kind), IN_FILE_ENGINE)
    attachment = getattr(message.body, kind.value).attachment

    assert (attachment.media_url, attachment.media_name, attachment.media_label) == (LINK, "0a_Plan.pdf", "Plan ä.pdf")
    assert (attachment.mime_type, attachment.size) == ("application/pdf", 7)
    assert (attachment.HasField("thumbnail"), attachment.thumbnail) == (True, "")
    assert context.media.state == MEDIA_STATE_STORED


def test_a_sticker_has_the_link_on_itself() -> None:
    message, _ = completed(a_message(Kind.STICKER), IN_FILE_ENGINE)

    assert message.body.sticker.media_url == LINK


@pytest.mark.parametrize("kind", ATTACHED)
def test_without_one_our_own_link_stays(kind: Kind) -> None:
    message, _ = completed(a_message(kind), Ending(result=STORED))
    attachment = getattr(message.body, kind.value).attachment

    assert (attachment.media_url, attachment.thumbnail, attachment.media_name) == (OWN, OWN, "Plan ä.pdf")


@pytest.mark.parametrize("kind", Kind)
def test_a_notice_takes_the_place_of_the_medium_and_of_nothing_else(kind: Kind) -> None:
    ending = Ending(result=MediaResult(reason="TOO_LARGE"), notice="A file of 12 MB.")
    message, context = completed(a_message(kind), ending)

    assert (message.id, message.header.intent) == ("cim-1", "REPLY_TO")
    assert (message.body.type, message.body.WhichOneof("content")) == ("PLAIN", "plain")
    assert message.body.markdown_text == "A file of 12 MB."
    assert (context.media.state, context.media.failure_reason) == (MEDIA_STATE_FAILED, "TOO_LARGE")


def test_what_was_said_with_it_stays() -> None:
    thumbs_up = a_message(Kind.STICKER)
    thumbs_up.body.markdown_text = "👍"
    message, _ = completed(thumbs_up, Ending(result=MediaResult(reason="NOT_FOUND"), notice="A sticker."))

    assert message.body.markdown_text == "👍\nA sticker."


def test_without_a_notice_the_message_keeps_its_link() -> None:
    message, _ = completed(a_message(Kind.IMAGE), Ending(result=MediaResult(reason="NOT_FOUND")))

    assert message.body.image.attachment.media_url == OWN
