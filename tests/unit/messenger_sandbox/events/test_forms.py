from __future__ import annotations

import orjson
import pytest

from messenger_sandbox.events.attachments import ATTACHMENT_FORMS, AttachmentType
from messenger_sandbox.events.forms import FORMS, MANNERS, kind_of
from messenger_sandbox.events.forms.acts import REACTIONS
from messenger_sandbox.events.kinds import EventKind
from messenger_sandbox.webhooks import webhook_body
from tests.support.sandbox_setting import SETTING, event_of
from tests.support.sandbox_world import NOW_MS, PSID


def test_every_kind_has_a_form() -> None:
    assert {kind_of(form) for form in FORMS} == set(EventKind)


def test_every_attachment_type_has_a_form() -> None:
    built = {item["type"] for form in ATTACHMENT_FORMS.values() for item in form(SETTING)}
    assert built == {kind.value for kind in AttachmentType}


def test_every_form_of_attachments_comes_in_a_message() -> None:
    assert {f"message.{name}" for name in ATTACHMENT_FORMS} <= set(FORMS)


def test_every_form_with_a_manner_of_its_own_exists() -> None:
    assert set(MANNERS) <= set(FORMS)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(KeyError):
        kind_of("message.never_seen")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_travels_as_plain_ascii_and_reads_back(form: str) -> None:
    event = event_of(form)
    body = webhook_body([event], NOW_MS)
    [entry] = orjson.loads(body)["entry"]
    assert body.isascii()
    assert entry[event.place.value] == [event.item]


def attachments(form: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = event_of(form).item["message"]["attachments"]
    return found


def test_during_the_transition_a_sticker_comes_in_both_forms() -> None:
    typed, image = attachments("message.sticker_overlap")
    assert (typed["type"], image["type"]) == ("sticker", "image")
    assert typed["payload"] == image["payload"]


def test_text_and_several_attachments_come_in_one_message() -> None:
    message = event_of("message.text_and_attachments").item["message"]
    assert message["text"]
    assert [each["type"] for each in message["attachments"]] == ["image", "image", "image", "file"]


def test_an_old_link_preview_has_its_link_beside_a_null_payload() -> None:
    [preview] = attachments("message.fallback_on_attachment")
    assert preview["payload"] is None
    assert preview["url"]


@pytest.mark.parametrize("name", REACTIONS)
def test_every_reaction_has_its_emoji(name: str) -> None:
    assert event_of(f"react.{name}").item["reaction"] == {
        "action": "react",
        "reaction": name,
        "emoji": REACTIONS[name],
        "mid": "m_page",
    }


def test_an_unreaction_may_be_bare() -> None:
    assert event_of("unreact.bare").item["reaction"] == {"action": "unreact", "mid": "m_page"}


def test_a_checkbox_opt_in_has_no_sender() -> None:
    item = event_of("optin.checkbox").item
    assert "sender" not in item
    assert item["optin"]["user_ref"]


def test_a_visitor_without_a_psid_is_named_by_a_reference() -> None:
    item = event_of("postback.user_ref").item
    assert (set(item["sender"]), item["timestamp"]) == ({"user_ref"}, str(NOW_MS // 1_000))


@pytest.mark.parametrize("form", ["referral.lead_complete", "referral.lead_incomplete"])
def test_a_lead_comes_with_seconds(form: str) -> None:
    item = event_of(form).item
    assert item["timestamp"] == NOW_MS // 1_000
    assert item["lead"]["data"]


@pytest.mark.parametrize(
    "form", ["message.ad_referral", "postback.ad_referral", "referral.ad"], ids=["message", "postback", "alone"]
)
def test_a_referral_comes_in_three_places(form: str) -> None:
    item = event_of(form).item
    told = (item.get("message") or item.get("postback") or item)["referral"]
    assert told["ads_context_data"]["ad_title"]


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith(("app_roles.", "policy_enforcement."))])
def test_what_is_told_to_the_page_has_no_sender(form: str) -> None:
    assert len(event_of(form).item.keys() - {"timestamp", "recipient"}) == 1
    assert "sender" not in event_of(form).item


def test_an_echo_goes_the_other_way() -> None:
    assert event_of("echo.other_app").item["recipient"] == {"id": PSID}


def test_attachment_ids_of_echoes_are_numbers() -> None:
    [template] = attachments("echo.template_media")
    assert template["payload"] == {
        "template_type": "media",
        "elements": [{"media_type": "image", "attachment_id": 1857777774821032}],
    }
