from __future__ import annotations

from typing import Any

import orjson
import pytest

from facebook_connector.graph.reply import GraphReply, read_reply
from facebook_connector.threads.answers import owner_told, refusal

OWN = "555000111222333"
NOW_MS = 1_794_300_000_000


def refused_by(code: int, subcode: int | None, status: int = 400) -> GraphReply:
    error = {"message": "(#1) no", "code": code, "fbtrace_id": "AbC"} | ({"error_subcode": subcode} if subcode else {})
    return read_reply(status, {}, orjson.dumps({"error": error}))


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (10, None, "THREAD_CONTROL_REFUSED"),
        (10, 2018300, "THREAD_CONTROL_REFUSED"),
        (100, None, "THREAD_CONTROL_REFUSED"),
        (100, 2018164, "THREAD_CONTROL_REFUSED"),
        (100, 2534037, "THREAD_CONTROL_REFUSED"),
        (100, 2018001, "RECIPIENT_UNKNOWN"),
        (190, 460, "PAGE_TOKEN_REJECTED"),
        (200, 2018028, "PAGE_PERMISSION_MISSING"),
        (368, None, "PAGE_RESTRICTED"),
        (80006, None, "PROVIDER_THROTTLED"),
        (2, None, "PROVIDER_UNAVAILABLE"),
    ],
)
def test_what_a_refusal_means(code: int, subcode: int | None, reason: str) -> None:
    error = refusal("100200300400500", refused_by(code, subcode))
    assert error.reason == reason
    assert error.metadata["provider_code"] == str(code)
    assert error.metadata["provider_subcode"] == str(subcode or "")


def test_an_answer_that_is_no_success_is_a_refusal() -> None:
    assert refusal("1", read_reply(200, {}, b'{"success":false}')).reason == "THREAD_CONTROL_REFUSED"


@pytest.mark.parametrize(
    ("data", "app_id", "ours", "expire_s"),
    [
        ([{"thread_owner": {"app_id": OWN, "expiration": 1_794_386_400}}], OWN, True, 1_794_386_400),
        ([{"thread_owner": {"app_id": 263902037430900}}], "263902037430900", False, 0),
        ([{"thread_owner": None}], "", False, 0),
        ([], "", False, 0),
        (None, "", False, 0),
        ([7], "", False, 0),
    ],
)
def test_the_owner_in_an_answer(data: Any, app_id: str, ours: bool, expire_s: int) -> None:
    owner = owner_told({"data": data}, OWN, NOW_MS)
    assert (owner.app_id, owner.owned_by_this_app, owner.expire_time.seconds) == (app_id, ours, expire_s)
    assert owner.observe_time.ToMilliseconds() == NOW_MS


def test_a_channel_without_an_app_owns_nothing() -> None:
    assert not owner_told({"data": []}, "", NOW_MS).owned_by_this_app
