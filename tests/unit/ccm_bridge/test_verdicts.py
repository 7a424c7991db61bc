from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest

from ccm_bridge.verdicts import MAX_REASON, RULINGS, Answer, Reading, Ruling, Verdict, retry_after, ruled

NOW_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


def verdict(status: int, body: Any = b"", *, text: str = "", after: str = "", **reading: Any) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ruled(Answer(status=status, body=raw, retry_after=after), Reading(**reading), text=text, now_ms=NOW_MS)


def test_every_status_has_a_ruling() -> None:
    assert set(RULINGS) == set(range(100, 600))


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (200, Ruling.TAKEN),
        (202, Ruling.TAKEN),
        (204, Ruling.TAKEN),
        (302, Ruling.UNAVAILABLE),
        (400, Ruling.REJECTED),
        (401, Ruling.UNAVAILABLE),
        (403, Ruling.UNAVAILABLE),
        (404, Ruling.REJECTED),
        (405, Ruling.UNAVAILABLE),
        (408, Ruling.UNAVAILABLE),
        (413, Ruling.REJECTED),
        (422, Ruling.REJECTED),
        (429, Ruling.UNAVAILABLE),
        (500, Ruling.UNAVAILABLE),
        (502, Ruling.UNAVAILABLE),
        (503, Ruling.UNAVAILABLE),
        (504, Ruling.UNAVAILABLE),
        (999, Ruling.UNAVAILABLE),
    ],
)
def test_a_status_means(status: int, ruling: Ruling) -> None:
    assert verdict(status).ruling is ruling


def test_no_error_status_loses_a_message_by_being_taken() -> None:
    taken = {status for status, ruling in RULINGS.items() if ruling is Ruling.TAKEN}

    assert taken == set(range(200, 300))


@pytest.mark.parametrize(
    ("code", "ruling"),
    [
        (200, Ruling.TAKEN),
        ("200", Ruling.TAKEN),
        (404, Ruling.REJECTED),
        ("404", Ruling.REJECTED),
        ("500", Ruling.UNAVAILABLE),
        (None, Ruling.TAKEN),
        ("DIALOG_ENDED", Ruling.TAKEN),
        (7, Ruling.TAKEN),
    ],
)
@pytest.mark.parametrize("wrap", [False, True])
def test_a_reason_code_in_a_good_answer_counts_like_a_status(code: Any, ruling: Ruling, wrap: bool) -> None:
    body = {"type": "DELIVERYNOTIFICATION", "messageId": "m", "status": "DELIVERED", "reasonCode": code}

    assert verdict(200, {"header": {}, "body": body} if wrap else body).ruling is ruling


def test_reason_codes_can_be_left_unread() -> None:
    assert verdict(200, {"reasonCode": 404}, reason_codes=False).ruling is Ruling.TAKEN


def test_a_status_can_be_set_to_mean_a_refusal() -> None:
    assert verdict(500, rejecting=frozenset({500})).ruling is Ruling.REJECTED
    assert verdict(503, rejecting=frozenset({500})).ruling is Ruling.UNAVAILABLE


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1]", b"[" * 100_000, b'"text"', b"<html>no</html>"])
def test_an_answer_of_any_shape_is_judged(body: bytes) -> None:
    assert verdict(200, body).ruling is Ruling.TAKEN
    assert verdict(404, body).ruling is Ruling.REJECTED


def test_what_ccm_says_is_kept_as_the_reason() -> None:
    assert (
        verdict(404, {"error": "Not Found", "message": "no channel"}).reason == "CCM answered 404: Not Found no channel"
    )
    assert verdict(400, b"  plain\n words ").reason == "CCM answered 400: plain words"
    assert verdict(400).reason == "CCM answered 400"
    assert verdict(200, {"reasonCode": 404, "markdownText": "channel not registered"}).reason == (
        "CCM answered 200: channel not registered (reasonCode 404)"
    )
    assert len(verdict(400, b"x" * 5000).reason) <= MAX_REASON + len("(reasonCode 999) ")


def test_what_the_customer_wrote_does_not_stand_in_the_reason() -> None:
    answer = {"message": "cannot read 'my secret address' here"}

    assert verdict(400, answer, text="my secret address").reason == "CCM answered 400: cannot read '[text]' here"
    assert "here" in verdict(400, answer, text="e").reason


def test_nor_does_it_where_ccm_gives_back_the_json_that_it_got() -> None:
    text = 'my "Größe"  is\n44'
    for ascii_only in (True, False):
        posted = json.dumps({"body": {"type": "PLAIN", "markdownText": text}}, ensure_ascii=ascii_only)

        assert "44" not in verdict(400, posted.encode(), text=text).reason
        assert "44" not in verdict(400, {"message": f"cannot read {posted}"}, text=text).reason
    assert "44" not in verdict(400, text.encode(), text=text).reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("soon", None),
        ("Mon, 1 Jan 99999999999999999999 00:00:00 GMT", None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("86400", 600.0),
        ("9" * 400, 600.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("-5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW_MS) == seconds


def test_retry_after_travels_with_the_verdict() -> None:
    assert verdict(429, after="12").retry_after_s == 12
    assert verdict(HTTPStatus.OK, after="12").retry_after_s is None
