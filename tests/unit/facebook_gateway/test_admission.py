from __future__ import annotations

import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from structlog.testing import capture_logs

from cim_messenger.inbound import Item, Translated, TranslatorSettings, media_links_under, read_webhook, translate_item
from expertflow.connector.v1.ingest_service_pb2 import IngestItem, ListWebhookKeysResponse, WebhookApp
from facebook_gateway import admission
from facebook_gateway.admission import MAX_ITEM_BYTES, ingest_items, unreadable_body
from facebook_gateway.webhook_keys import WebhookKeys
from tests.support.webhook_bodies import PAGE, text_item, webhook

SETTINGS = TranslatorSettings(media_link=media_links_under("https://cc.example"))
RECEIVED = Timestamp(seconds=1794300001)
KEYS = WebhookKeys.of(ListWebhookKeysResponse(apps=[WebhookApp(app_id="A", page_ids=[PAGE, "2"])]))


def _admitted(body: bytes, vouched: set[str]) -> list[IngestItem]:
    return ingest_items(read_webhook(body), KEYS, frozenset(vouched), SETTINGS, RECEIVED)


def test_an_item_of_a_vouched_page_is_an_event_with_the_time_it_came() -> None:
    (item,) = _admitted(webhook(text_item("m_1")), {PAGE})

    assert item.event.dedupe_key == "mid:m_1"
    assert item.receive_time == RECEIVED


@pytest.mark.parametrize(("page", "reason"), [("2", "PAGE_NOT_OF_APP"), ("3", "UNKNOWN_PAGE"), ("", "UNKNOWN_PAGE")])
def test_an_item_of_another_page_is_quarantined(page: str, reason: str) -> None:
    (item,) = _admitted(webhook(text_item("m_1", page=page), page=page), {PAGE})

    assert (item.quarantined.reason, item.quarantined.page_id) == (reason, page)
    assert json.loads(item.quarantined.raw) == text_item("m_1", page=page)


def test_a_translation_that_fails_costs_one_item_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_on_one(item: Item, settings: TranslatorSettings) -> Translated | None:
        if b"m_1" in item.raw:
            raise KeyError("canary")
        return translate_item(item, settings)

    monkeypatch.setattr(admission, "translate_item", fails_on_one)
    with capture_logs() as lines:
        bad, good = sorted(
            _admitted(webhook(text_item("m_1"), text_item("m_2")), {PAGE}), key=lambda item: item.HasField("event")
        )

    assert bad.quarantined.reason == "UNTRANSLATABLE"
    assert good.event.dedupe_key == "mid:m_2"
    assert [line["alarm"] for line in lines] == [True]
    assert "canary" not in str(lines) + bad.quarantined.detail


def test_an_event_that_no_call_can_carry_is_handed_over_as_bytes() -> None:
    text = "x" * (MAX_ITEM_BYTES // 2)
    (item,) = _admitted(webhook(text_item("m_1", text)), {PAGE})

    assert (item.quarantined.reason, item.quarantined.entry_list) == ("UNTRANSLATABLE", "messaging")
    assert text.encode() in item.quarantined.raw


def test_bytes_that_no_call_can_carry_are_cut_and_say_so() -> None:
    body = b"x" * (MAX_ITEM_BYTES + 1)

    item = unreadable_body(body, "is no JSON at character 0", RECEIVED)

    assert len(item.quarantined.raw) == MAX_ITEM_BYTES
    assert str(len(body)) in item.quarantined.detail
