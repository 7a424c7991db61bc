from __future__ import annotations

from cim_messenger.outbound import (
    Action,
    MediaKind,
    MediaReference,
    Part,
    PartKind,
    Quote,
    UploadedMedia,
    written_part,
)
from facebook_connector.sending.envelope import LABELS, Marks, action_envelope, envelope
from facebook_connector.sending.values import LanePart, PartState
from facebook_connector.sending.window import Label
from tests.support.lane_situations import situation

MARKS = Marks(label=Label.RESPONSE, quote_mid="", installation="inst")
IMAGE = MediaReference(url="https://cc.example/1.png", kind=MediaKind.IMAGE)
UPLOADED = UploadedMedia(kind=MediaKind.IMAGE, attachment_id="1857")


def waiting(part: Part) -> LanePart:
    return LanePart(index=0, kind=part.kind, state=PartState.QUEUED, payload=written_part(part), attempts=0)


def test_every_label_has_its_parameters() -> None:
    assert LABELS.keys() == set(Label)


def test_a_medium_goes_by_the_id_of_its_upload() -> None:
    part = Part(kind=PartKind.MEDIA, message={}, media=(IMAGE,))
    message = envelope(situation().head, waiting(part), MARKS, [UPLOADED])["message"]
    assert message["attachment"] == {"type": "image", "payload": {"attachment_id": "1857"}}


def test_several_images_go_together() -> None:
    part = Part(kind=PartKind.IMAGES, message={}, media=(IMAGE, IMAGE))
    message = envelope(situation().head, waiting(part), MARKS, [UPLOADED, UPLOADED])["message"]
    assert message["attachments"] == [{"type": "image", "payload": {"attachment_id": "1857"}}] * 2
    assert message["metadata"] == "fbc:inst:out-1:0"


def test_a_reaction_names_the_message_and_a_withdrawn_one_no_emoji() -> None:
    react = Action(sender_action="react", target=Quote(cim_id="in-1"), reaction="😊")
    unreact = Action(sender_action="unreact", target=Quote(cim_id="in-1"))
    assert action_envelope("7", react, "m_1")["payload"] == {"message_id": "m_1", "reaction": "😊"}
    assert action_envelope("7", unreact, "m_1")["payload"] == {"message_id": "m_1"}


def test_typing_stands_alone() -> None:
    typing = action_envelope("7", Action(sender_action="typing_on"), "")
    assert typing == {"recipient": {"id": "7"}, "sender_action": "typing_on"}
