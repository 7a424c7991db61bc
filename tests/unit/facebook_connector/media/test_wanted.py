from __future__ import annotations

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_PENDING, MessengerContext
from facebook_connector.media.sniff import Kind
from facebook_connector.media.wanted import media_id, take_media

SECRET = b"s" * 32
BASE = "https://chat.example.com/fb"
SOURCE = "https://cdn.fbsbx.com/v/t59/1.pdf/H%C3%A9llo%2F%20w.pdf?oh=1&dl=1"


def a_message(
    kind: Kind, *, link: str = f"{BASE}/media/cim-1", details: str = f'{{"sourceUrl":"{SOURCE}"}}'
) -> CimMessage:
    message = CimMessage(id="cim-1")
    content = getattr(message.body, kind.value)
    (content if kind is Kind.STICKER else content.attachment).media_url = link
    content.additional_details.text = details
    return message


@pytest.mark.parametrize("kind", list(Kind))
def test_a_link_becomes_unguessable_and_keeps_its_address(kind: Kind) -> None:
    message, context = a_message(kind), MessengerContext()
    wanted = take_media(message, context, SECRET)

    assert wanted is not None
    content = getattr(message.body, kind.value)
    link = content.media_url if kind is Kind.STICKER else content.attachment.media_url
    assert link == f"{BASE}/media/{wanted.media_id}"
    assert "cim-1" not in link
    assert (wanted.kind, wanted.source_url) == (kind.value, SOURCE)
    assert (context.media.state, context.media.media_id) == (MEDIA_STATE_PENDING, wanted.media_id)


def test_a_link_is_the_same_for_ever() -> None:
    assert media_id(SECRET, "cim-1") == "PUHpEz-jxDaiNd_X-0Lqoyq_1eHHdJAo"


def test_a_link_needs_the_secret_and_the_message() -> None:
    assert len({media_id(SECRET, "cim-1"), media_id(b"t" * 32, "cim-1"), media_id(SECRET, "cim-2")}) == 3


def test_an_image_is_its_own_thumbnail() -> None:
    message = a_message(Kind.IMAGE)
    take_media(message, MessengerContext(), SECRET)

    assert message.body.image.attachment.thumbnail == message.body.image.attachment.media_url


def test_a_name_is_decoded_and_cannot_leave_its_folder() -> None:
    wanted = take_media(a_message(Kind.FILE), MessengerContext(), SECRET)

    assert wanted is not None
    assert wanted.name == "Héllo w.pdf"


@pytest.mark.parametrize("details", ["", "{}", "[]", "null", "{", '{"sourceUrl":7}'])
def test_without_a_source_the_message_still_has_a_medium(details: str) -> None:
    wanted = take_media(a_message(Kind.IMAGE, details=details), MessengerContext(), SECRET)

    assert wanted is not None
    assert wanted.source_url == ""


@pytest.mark.parametrize("link", ["https://shop.example.com/1.png", f"{BASE}/media/cim-2", ""])
def test_a_link_that_is_not_ours_stays(link: str) -> None:
    message, context = a_message(Kind.IMAGE, link=link), MessengerContext()

    assert take_media(message, context, SECRET) is None
    assert message.body.image.attachment.media_url == link
    assert not context.HasField("media")


def test_a_shared_address_is_no_medium() -> None:
    message = CimMessage(id="cim-1")
    message.body.url.media_url = f"{BASE}/media/cim-1"

    assert take_media(message, MessengerContext(), SECRET) is None
