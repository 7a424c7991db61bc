from __future__ import annotations

import pytest

from cim_messenger.inbound import KeptItem, NotJsonError, Translated, read_kept, read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from tests.support.webhook_expectations import SETTINGS, Case, cases

CASES = list(cases())


def once(case: Case) -> list[Translated]:
    return translate(read_webhook(case.webhook.read_bytes()), SETTINGS)


def again(result: Translated, **unknown: str) -> list[Translated]:
    kept: dict[str, str] = {"page_id": result.page_id, "entry_list": result.entry_list, **unknown}
    return translate(read_kept(KeptItem(raw=result.raw, **kept)), SETTINGS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}/{case.name}")
def test_whatever_is_kept_is_translated_as_at_once(case: Case) -> None:
    for result in once(case):
        (repeated,) = again(result)
        if isinstance(result, InboundEvent) or result.entry_list:
            assert repeated == result
        else:
            # What stood in no list was kept with its frame or without; the page is named by the frame alone.
            assert isinstance(repeated, type(result))
            assert (repeated.reason, repeated.raw) == (result.reason, result.raw)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}/{case.name}")
def test_an_event_kept_without_its_list_still_says_what_it_is(case: Case) -> None:
    for result in once(case):
        if isinstance(result, InboundEvent) and result.entry_list != "standby" and result.psid:
            (repeated,) = again(result, entry_list="")
            assert isinstance(repeated, InboundEvent)
            assert (repeated.dedupe_key, repeated.kind, repeated.messages) == (
                result.dedupe_key,
                result.kind,
                result.messages,
            )


MESSAGE = b'{"sender":{"id":"7"},"recipient":{"id":"1"},"timestamp":5,"message":{"mid":"m","text":"hi"}}'


@pytest.mark.parametrize(
    ("raw", "dedupe_pages"),
    [
        (b'{"entry":[{"id":"2","messaging":[%b]}]}' % MESSAGE, ["2"]),
        (b'{"id":"3","messaging":[%b,%b]}' % (MESSAGE, MESSAGE), ["3", "3"]),
        (MESSAGE, ["1"]),
    ],
    ids=["a body", "an entry", "an item"],
)
def test_of_unknown_place_its_keys_tell_the_part(raw: bytes, dedupe_pages: list[str]) -> None:
    found = translate(read_kept(KeptItem(raw=raw, entry_list="", page_id="1")), SETTINGS)
    assert [result.page_id for result in found] == dedupe_pages
    assert all(isinstance(result, InboundEvent) for result in found)


@pytest.mark.parametrize("entry_list", ["", "messaging", "news"])
@pytest.mark.parametrize("raw", [MESSAGE[:-5], b"\xff", b"", b"{}]}]}"])
def test_bytes_that_are_no_json_are_refused(raw: bytes, entry_list: str) -> None:
    with pytest.raises(NotJsonError):
        read_kept(KeptItem(raw=raw, entry_list=entry_list, page_id="1"))
