from __future__ import annotations

import json
from pathlib import Path

import pytest

from cim_messenger.inbound import read_webhook, translate
from cim_messenger.inbound.attachments import BUILDERS
from cim_messenger.inbound.table import CHANGES, EVENTS
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from tests.support.json_tokens import tree_of
from tests.support.webhook_expectations import FIXTURES, SETTINGS, Case, cases, outcome

CASES = list(cases())

ROWS = {
    *(f"event.{row}" for row in EVENTS),
    *(f"change.{row}" for row in CHANGES),
    *(f"attachment.{kind}" for kind in (*BUILDERS, "unknown")),
    *(f"quarantine.{reason}" for reason in ("not_an_event", "unknown_page", "untranslatable")),
}

# What was seen in public captures and broke other receivers, and the fixture that shows it.
ODDITIES = {
    "the same message again, with another entry.time": "event.message/same-message-twice-in-one-body",
    "two identical entries in one body": "event.message/same-message-twice-in-one-body",
    "an entry without messaging": "event.message/entries-without-messages",
    "recipient.id that is not entry.id": "event.message/recipient-is-another-page",
    "ids as numbers": "event.message/numeric-ids",
    "sticker_id as a number": "attachment.sticker/typed",
    "sticker_id as a string": "attachment.sticker/id-as-text",
    "times in seconds": "event.message/time-in-seconds",
    "times as digit strings": "event.message/time-as-text",
    "deliveries without timestamp": "event.delivery/watermark-only",
    "feedback without timestamp and entry.id": "event.messaging_feedback/csat",
    "policy_enforcement without sender": "event.policy_enforcement/block",
    "app_roles without sender": "event.app_roles/without-sender",
    "plugin events with user_ref only": "event.optin/checkbox-of-a-user-ref",
    "a like without text, sticker_id beside the image": "attachment.sticker/id-beside-the-image",
    "attachment type sticker": "attachment.sticker/typed",
    "sticker and image of it in one message": "attachment.sticker/both-forms",
    "an attachment type never seen before": "attachment.unknown/new-type",
    "type post with the title in the payload": "attachment.post/title-in-payload",
    "fallback with the link in the payload": "attachment.fallback/link-in-payload",
    "fallback with the link on the attachment": "attachment.fallback/link-on-attachment",
    "fallback whose title is the text": "event.message/text-is-the-title",
    "fallback behind l.facebook.com": "attachment.fallback/redirect",
    "fallback with an empty link": "attachment.fallback/empty-link",
    "fallback without payload": "attachment.fallback/nothing",
    "fallback whose payload is no link": "attachment.fallback/payload-is-no-link",
    "a relative reel link": "attachment.ig_reel/relative-link",
    "an image and a fallback in one message": "event.message/image-and-link",
    "text and attachments in one message": "event.message/text-and-attachments",
    "is_unsupported with a mid only": "event.message/unsupported",
    "is_deleted as a boolean": "event.unsend/deleted",
    "is_deleted as a string": "event.unsend/flag-as-text",
    "num_edit as a string": "event.message_edit/number-as-text",
    "unreact without emoji": "event.reaction/unreact",
    "an echo of two images": "event.echo/two-images",
    "an echo of an empty template": "event.echo/empty-template",
    "nulls inside objects": "event.message/nulls",
    "postback with an empty title": "event.postback/empty-title",
    "a test post of the dashboard": "event.message/dashboard-test",
    "feed with sender_id as a number": "change.feed/comment-removed",
    "feed remove without time": "change.feed/comment-removed",
    "mention without from": "change.mention/comment-without-from",
    "seq and mid.$ of old versions": "event.message/old-capture",
    "several pages in one body": "event.message/two-pages-in-one-body",
    "a body that is an array": "event.message/body-is-an-array",
    "standby and changes beside messaging": "event.message/all-lists-in-one-entry",
}


def _id(case: Case) -> str:
    return f"{case.row}/{case.name}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_webhook_becomes_what_its_fixture_says(case: Case) -> None:
    assert outcome(case.webhook.read_bytes()) == tree_of(case.expected.read_text())


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_the_same_webhook_gives_the_same_bytes(case: Case) -> None:
    first, second = (translate(read_webhook(case.webhook.read_bytes()), SETTINGS) for _ in range(2))

    assert [one.SerializeToString(deterministic=True) for one in first] == [
        one.SerializeToString(deterministic=True) for one in second
    ]


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_each_item_keeps_its_exact_bytes(case: Case) -> None:
    body = case.webhook.read_bytes()

    for result in translate(read_webhook(body), SETTINGS):
        assert result.raw in body
        assert json.loads(result.raw) is not None


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_what_is_kept_of_an_item_is_enough_to_translate_it_again(case: Case) -> None:
    for result in translate(read_webhook(case.webhook.read_bytes()), SETTINGS):
        if isinstance(result, InboundEvent):
            entry = f'{{"id":"{result.page_id}","{result.entry_list}":['.encode() + result.raw + b"]}"
            (again,) = translate(read_webhook(b'{"object":"page","entry":[' + entry + b"]}"), SETTINGS)

            assert again == result


def test_every_row_of_the_tables_has_a_fixture_and_every_fixture_a_row() -> None:
    assert {case.row for case in CASES} == ROWS


def test_every_expectation_belongs_to_a_webhook() -> None:
    assert set(FIXTURES.glob("*/*.expected.json")) == {case.expected for case in CASES}
    assert all(path.is_dir() for path in FIXTURES.iterdir())


@pytest.mark.parametrize("fixture", ODDITIES.values(), ids=ODDITIES)
def test_every_known_oddity_has_a_fixture(fixture: str) -> None:
    assert Path(FIXTURES / f"{fixture}.json").is_file()


def test_no_fixture_row_is_only_about_other_rows() -> None:
    kinds = {case.row: tree_of(case.expected.read_text()) for case in CASES}

    for row, events in kinds.items():
        quarantined = [event for event in events if "quarantined" in event]
        assert bool(quarantined) == row.startswith("quarantine."), row
