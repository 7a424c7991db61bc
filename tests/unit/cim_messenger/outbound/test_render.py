from __future__ import annotations

import base64
import json

import pytest

from cim_messenger.outbound import Quote, Refusal, Rendered, Rules, render
from cim_messenger.outbound.render import RENDERERS
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody

IGNORED = ["notification", "delivery_notification", "deleted_notification", "wrap_up", "voice", "action", "email"]


def plain(text: str, **header: str) -> CimMessage:
    message = CimMessage(id="out-1")
    message.body.type = "PLAIN"
    message.body.markdown_text = text
    message.body.plain.SetInParent()
    for name, value in header.items():
        setattr(message.header, name, value)
    return message


def body(branch: str, body_type: str = "") -> CimMessage:
    message = CimMessage(id="out-1")
    getattr(message.body, branch).SetInParent()
    if body_type:
        message.body.type = body_type
    return message


def rendered(message: CimMessage, rules: Rules | None = None) -> Rendered:
    result = render(message, rules or Rules())
    assert isinstance(result, Rendered)
    return result


def refused(message: CimMessage) -> Refusal:
    result = render(message, Rules())
    assert isinstance(result, Refusal)
    return result


def texts(result: Rendered) -> list[str]:
    return [part.message["text"] for part in result.parts]


def test_every_body_type_has_a_row() -> None:
    assert RENDERERS.keys() == {field.name for field in MessageBody.DESCRIPTOR.oneofs_by_name["content"].fields}


def test_a_short_text_is_one_message() -> None:
    result = rendered(plain("It left our depot today."))
    assert [part.message for part in result.parts] == [{"text": "It left our depot today."}]
    assert [part.kind for part in result.parts] == ["TEXT"]


def test_markdown_and_placeholders_stay_as_they_are() -> None:
    assert texts(rendered(plain("**100 %** #1 $5 {name}"))) == ["**100 %** #1 $5 {name}"]


def test_a_long_text_is_split_with_a_warning() -> None:
    result = rendered(plain("one two three"), Rules(text_limit=9))
    assert texts(result) == ["one two ", "three"]
    assert [warning.code for warning in result.warnings] == ["TEXT_SPLIT"]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_text_is_refused(text: str) -> None:
    refusal = refused(plain(text))
    assert (refusal.reason, refusal.field_path) == ("BODY_INVALID", "body.markdown_text")


def test_a_link_that_fits_no_message_is_refused_with_limit_and_value() -> None:
    refusal = refused(plain("https://shop.example/" + "a" * 2000))
    assert refusal.reason == "CONTENT_LIMIT_EXCEEDED"
    assert refusal.metadata == {"maximum": "1999", "value": "2021"}


@pytest.mark.parametrize("flag", [True, "true"])
def test_encoded_text_is_decoded(flag: object) -> None:
    message = plain(base64.b64encode("Grüße 👍".encode()).decode())
    message.header.additional_data.text = json.dumps({"isEncoded": flag})
    assert texts(rendered(message)) == ["Grüße 👍"]


@pytest.mark.parametrize("data", ['{"isEncoded": false}', '{"isEncoded": 1}', "[]", "no json", "null"])
def test_text_without_the_flag_is_not_decoded(data: str) -> None:
    message = plain("SGVsbG8=")
    message.header.additional_data.text = data
    assert texts(rendered(message)) == ["SGVsbG8="]


@pytest.mark.parametrize("text", ["Hello!", "SGVsbG8", "/////w=="])
def test_text_that_is_no_base64_of_utf8_stays_in_spite_of_the_flag(text: str) -> None:
    message = plain(text)
    message.header.additional_data.text = '{"isEncoded": true}'
    assert texts(rendered(message)) == [text]


def test_a_reply_quotes_the_named_message() -> None:
    result = rendered(plain("Yes", intent="REPLY_TO", original_message_id="in-1"))
    assert result.quote == Quote(cim_id="in-1")


def test_a_mid_of_messenger_goes_with_the_quote() -> None:
    result = rendered(plain("Yes", intent="REPLY_TO", original_message_id="in-1", provider_message_id="m_A1"))
    assert result.quote == Quote(mid="m_A1", cim_id="in-1")


def test_a_comments_id_is_no_mid() -> None:
    result = rendered(plain("Yes", intent="REPLY_TO", original_message_id="in-1", provider_message_id="9001_9555"))
    assert result.quote == Quote(cim_id="in-1")


def test_a_reply_that_names_nothing_goes_without_quote_and_warns() -> None:
    result = rendered(plain("Yes", intent="REPLY_TO"))
    assert result.quote is None
    assert [warning.code for warning in result.warnings] == ["QUOTE_DROPPED"]


def test_an_original_without_the_intent_is_no_quote() -> None:
    assert rendered(plain("Yes", original_message_id="in-1")).quote is None


def test_an_edit_is_a_new_message_with_the_marker() -> None:
    result = rendered(plain("At nine.", intent="UPDATE", original_message_id="out-0"), Rules(edited_marker="Edit: "))
    assert texts(result) == ["Edit: At nine."]
    assert [warning.code for warning in result.warnings] == ["SENT_AS_NEW_MESSAGE"]


@pytest.mark.parametrize("branch", [*IGNORED, "form_data"])
def test_a_body_that_is_not_for_customers_has_no_parts(branch: str) -> None:
    assert rendered(body(branch)).parts == ()


@pytest.mark.parametrize(
    ("branch", "body_type"),
    [
        ("comment", "COMMENT"),
        ("structured", "StructuredMessage"),
        ("generic", "HOLOGRAM"),
    ],
)
def test_a_body_messenger_gets_no_form_of_is_refused_by_type(branch: str, body_type: str) -> None:
    refusal = refused(body(branch, body_type))
    assert (refusal.reason, refusal.metadata) == ("UNSUPPORTED_BODY", {"type": body_type})


def test_a_body_without_a_type_is_known_by_its_content() -> None:
    assert refused(body("comment")).metadata == {"type": "COMMENT"}
    untyped = plain("Hello")
    untyped.body.ClearField("type")
    assert texts(rendered(untyped)) == ["Hello"]


def test_a_type_that_contradicts_the_content_is_refused() -> None:
    message = plain("Hello")
    message.body.type = "IMAGE"
    refusal = refused(message)
    assert (refusal.reason, refusal.field_path) == ("BODY_INVALID", "body.type")


def test_a_body_of_a_newer_contract_is_refused() -> None:
    message = CimMessage(id="out-1")
    message.body.type = "HOLOGRAM"
    assert refused(message).metadata == {"type": "HOLOGRAM"}


def test_rendering_twice_gives_the_same() -> None:
    message = plain("one two three " * 400, intent="REPLY_TO", original_message_id="in-1")
    assert render(message, Rules()) == render(message, Rules())


def test_a_raw_message_needs_the_channels_permission() -> None:
    message = body("custom", "CUSTOM")
    message.body.custom.json_node.text = '{"text": "Hi"}'
    assert refused(message).reason == "CUSTOM_NOT_ALLOWED"
    assert texts(rendered(message, Rules(allow_custom=True))) == ["Hi"]


def test_a_raw_message_loses_what_is_null() -> None:
    message = body("custom", "CUSTOM")
    message.body.custom.json_node.text = '{"text": "Hi", "attachment": null, "quick_replies": null}'
    assert [part.message for part in rendered(message, Rules(allow_custom=True)).parts] == [{"text": "Hi"}]


def test_half_a_character_in_free_form_text_becomes_a_whole_one() -> None:
    message = body("button", "BUTTON")
    message.body.button.buttons.add(title="Yes", payload="y")
    message.body.button.additional_details.text = r'{"interactive": {"body": "Ready? \ud83d"}}'
    (part,) = rendered(message).parts
    assert part.message["attachment"]["payload"]["text"] == "Ready? \ufffd"


def test_a_channels_own_prompt_stands_where_there_is_none() -> None:
    message = body("button", "BUTTON")
    message.body.button.buttons.add(title="Yes", payload="y")
    (part,) = rendered(message, Rules(default_prompt="Bitte wählen:")).parts
    assert part.message["attachment"]["payload"]["text"] == "Bitte wählen:"


@pytest.mark.parametrize("caption", ["box.jpg", "BOX.JPG ", "48213_box.jpg", "Front of the box", ""])
def test_a_caption_that_only_repeats_the_name_is_not_sent(caption: str) -> None:
    message = body("image", "IMAGE")
    message.body.image.attachment.media_url = "https://cx.example.com/f?filename=48213_box.jpg"
    message.body.image.caption = caption
    said = [part.message["text"] for part in rendered(message).parts[1:]]
    assert said == (["Front of the box"] if caption == "Front of the box" else [])


def test_a_chip_beside_a_link_replies_and_its_payload_has_the_limit_of_a_button() -> None:
    message = body("button", "BUTTON")
    message.body.button.buttons.add(title="Track", payload="https://shop.example/t/1", button_type="web_url")
    message.body.button.buttons.add(title="Mail", payload="x" * 1001, button_type="user_email")
    refusal = refused(message)
    assert (refusal.reason, refusal.field_path) == ("CONTENT_LIMIT_EXCEEDED", "body.button.buttons[1].payload")
