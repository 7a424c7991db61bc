from __future__ import annotations

import orjson
import pytest

from facebook_connector.delivery.profiles import Names
from facebook_connector.graph.reply import GraphReply, read_reply
from facebook_connector.profiles.answers import (
    FRESH_MS,
    MAX_NAME,
    REACTIONS,
    REFUSED_MS,
    THROTTLED_MS,
    TRIES,
    TROUBLE_MS,
    Verdict,
    is_person,
    judge,
    resting,
)
from facebook_connector.sending.graph_errors import ErrorClass

ID = "7001002003004005"
NO_NAMES = Verdict(fresh_ms=FRESH_MS)
RETRY = Verdict(retry_ms=2_000, fresh_ms=TROUBLE_MS)


def answer(body: object, status: int = 200, **headers: str) -> GraphReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_reply(status, named, body if isinstance(body, bytes) else orjson.dumps(body))


def refusal(code: int, subcode: int | None = None, status: int = 400, **more: object) -> GraphReply:
    error = {"code": code, "message": "canary", **more}
    return answer({"error": error if subcode is None else {**error, "error_subcode": subcode}}, status)


def judged(reply: GraphReply | None, attempts: int = 0) -> Verdict:
    return judge(reply, attempts, lambda: 1.0)


def test_every_class_of_errors_has_its_reaction() -> None:
    assert set(REACTIONS) == set(ErrorClass)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param({"first_name": "Ali", "last_name": "Raza", "name": "Ali Raza"}, Names(first="Ali", last="Raza")),
        pytest.param({"first_name": "Ali"}, Names(first="Ali")),
        pytest.param({"last_name": "Raza"}, Names(last="Raza")),
        pytest.param({"name": "Ali Raza"}, Names(first="Ali Raza"), id="not in parts"),
        pytest.param({"first_name": " A\x00li\n\u202e ", "last_name": "\t"}, Names(first="A li"), id="unprintable"),
        pytest.param({"first_name": "x" * 999}, Names(first="x" * MAX_NAME), id="long"),
        pytest.param({"first_name": "Zoë", "last_name": "李"}, Names(first="Zoë", last="李")),
        pytest.param({"id": ID}, None, id="only id"),
        pytest.param({}, None, id="empty"),
        pytest.param({"first_name": None, "last_name": 7, "name": ["x"]}, None, id="other types"),
        pytest.param([], None, id="no object"),
        pytest.param(b"<html>", None, id="no JSON"),
    ],
)
def test_an_answer_counts_for_a_day_with_names_or_without(body: object, names: Names | None) -> None:
    assert judged(answer(body)) == Verdict(names=names, fresh_ms=FRESH_MS)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        pytest.param(refusal(100, 2018218), NO_NAMES, id="no profile"),
        pytest.param(refusal(100, 33), NO_NAMES, id="foreign PSID"),
        pytest.param(refusal(100), NO_NAMES, id="bad parameter"),
        pytest.param(refusal(777), NO_NAMES, id="unknown error"),
        pytest.param(answer(b"", 404), NO_NAMES, id="HTTP 404"),
        pytest.param(refusal(1), RETRY, id="unknown error of Facebook"),
        pytest.param(refusal(2, status=500), RETRY, id="temporary"),
        pytest.param(refusal(777, is_transient=True), RETRY, id="said to be transient"),
        pytest.param(answer(b"<html>", 502), RETRY, id="HTTP 502"),
        pytest.param(None, RETRY, id="no answer"),
    ],
)
def test_a_refusal_of_one_person_concerns_nobody_else(reply: GraphReply | None, verdict: Verdict) -> None:
    assert judged(reply) == verdict


@pytest.mark.parametrize(
    ("reply", "rest_ms", "problem"),
    [
        (refusal(100, 2018247), REFUSED_MS, "The app may not read this part of a person's profile (100/2018247)."),
        (refusal(230, status=403), REFUSED_MS, "The token lacks the permission pages_messaging (230)."),
        (refusal(10), REFUSED_MS, "The app lacks a permission that this call needs (10)."),
        (refusal(190, 463, status=401), REFUSED_MS, "The page access token has expired (190/463)."),
        (refusal(368), REFUSED_MS, "Meta has temporarily blocked the page or app for policy reasons (368)."),
        (refusal(4), THROTTLED_MS, "The app's rate limit is used up (4)."),
        (refusal(80006), THROTTLED_MS, "The page's rate limit for Messenger is used up (80006)."),
        (answer(b"", 429), THROTTLED_MS, "Facebook answered HTTP 429."),
    ],
)
def test_what_concerns_the_page_lets_it_rest(reply: GraphReply, rest_ms: int, problem: str) -> None:
    assert judged(reply) == Verdict(fresh_ms=rest_ms, page_rests=True, problem=problem)


def test_a_page_rests_as_long_as_facebook_says() -> None:
    usage = orjson.dumps({"1": [{"type": "messenger", "estimated_time_to_regain_access": 7}]}).decode()
    reply = answer({"error": {"code": 4}}, 403, x_business_use_case_usage=usage)

    assert judged(reply).fresh_ms == 7 * 60_000


def test_trouble_is_left_alone_after_some_tries() -> None:
    verdicts = [judged(None, attempts) for attempts in range(TRIES)]

    assert [verdict.retry_ms for verdict in verdicts] == [2_000, 4_000, 8_000, None]
    assert {verdict.fresh_ms for verdict in verdicts} == {TROUBLE_MS}


@pytest.mark.parametrize(
    ("psid", "person"),
    [(ID, True), ("1", True), ("", False), ("me", False), ("1/accounts", False), ("1?fields=x", False), ("٣", False)],
)
def test_only_a_number_can_be_a_person(psid: str, person: bool) -> None:
    assert is_person(psid) is person


@pytest.mark.parametrize(("until_ms", "fresh_ms"), [(1_500, 500), (900, 0)])
def test_who_is_not_asked_about_counts_until_the_rest_is_over(until_ms: int, fresh_ms: int) -> None:
    assert resting(until_ms, 1_000) == Verdict(fresh_ms=fresh_ms)
