from __future__ import annotations

import orjson
import pytest

from facebook_connector.graph.reply import MAX_PERCENT, GraphReply, Usage, read_reply, read_usage
from facebook_connector.sending.graph_answers import GraphError


def reply(content: object, status: int = 200) -> GraphReply:
    return read_reply(status, {}, orjson.dumps(content))


def test_a_success_holds_its_body() -> None:
    answered = reply({"recipient_id": "7001", "message_id": "m_B2"})
    assert answered.ok
    assert answered.body["message_id"] == "m_B2"


def test_an_error_is_read_from_its_envelope() -> None:
    error = {
        "message": "(#10) This message is sent outside of allowed window.",
        "type": "OAuthException",
        "code": 10,
        "error_subcode": 2018278,
        "is_transient": True,
        "error_data": '{"blame_field_specs":[["recipient"]]}',
        "fbtrace_id": "AbC",
    }
    assert reply({"error": error}, 403).error == GraphError(
        code=10, subcode=2018278, message=str(error["message"]), transient=True, trace_id="AbC"
    )


def test_an_error_in_a_success_is_no_success() -> None:
    assert not reply({"error": {"code": 10}}, 200).ok


def test_codes_may_come_as_text() -> None:
    error = reply({"error": {"code": "190", "error_subcode": "460"}}, 401).error
    assert error is not None
    assert (error.code, error.subcode) == (190, 460)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**64 - 1, "9" * 20])
def test_codes_beyond_32_bits_count_as_untold(number: object) -> None:
    error = reply({"error": {"code": number, "error_subcode": number}}, 400).error
    assert error is not None
    assert (error.code, error.subcode) == (0, None)


def test_the_widest_codes_are_kept() -> None:
    error = reply({"error": {"code": 2**31 - 1, "error_subcode": -(2**31)}}, 400).error
    assert error is not None
    assert (error.code, error.subcode) == (2**31 - 1, -(2**31))


@pytest.mark.parametrize("error", ["oops", [], {}, {"code": None}, {"code": True}, {"code": "x"}, {"code": 1.5}])
def test_an_error_of_another_shape_is_still_an_error(error: object) -> None:
    answered = reply({"error": error}, 400).error
    assert answered is not None
    assert answered.code == 0


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"[]", b"null", b'"text"', b"\xff\xfe"])
def test_an_answer_that_is_no_json_object_has_an_empty_body(content: bytes) -> None:
    answered = read_reply(502, {}, content)
    assert (answered.body, answered.error, answered.ok) == ({}, None, False)


def test_the_version_that_served_the_call_is_told() -> None:
    assert read_reply(200, {"facebook-api-version": "v26.0"}, b"{}").version == "v26.0"


def test_usage_is_the_maximum_over_all_pools() -> None:
    headers = {
        "x-app-usage": '{"call_count":12,"total_cputime":3,"total_time":0}',
        "x-business-use-case-usage": orjson.dumps(
            {
                "100200300400500": [
                    {"type": "messenger", "call_count": 95, "total_time": 1, "estimated_time_to_regain_access": 0},
                    {"type": "pages", "call_count": 1, "estimated_time_to_regain_access": 7},
                ]
            }
        ).decode(),
    }
    assert read_usage(headers) == Usage(peak_percent=95, regain_ms=7 * 60_000)


@pytest.mark.parametrize("header", ["", "no json", "[]", '{"call_count":"12"}', '{"call_count":null}'])
def test_usage_that_cannot_be_read_counts_as_untold(header: str) -> None:
    assert read_usage({"x-page-usage": header, "x-business-use-case-usage": header}) == Usage(
        peak_percent=None, regain_ms=0
    )


@pytest.mark.parametrize(
    ("told", "minutes"), [("1e308", 7 * 24 * 60), ("10081", 7 * 24 * 60), ("10080", 10080), ("-5", 0)]
)
def test_a_wait_is_at_most_a_week(told: str, minutes: int) -> None:
    header = f'{{"1001":[{{"type":"pages","estimated_time_to_regain_access":{told}}}]}}'
    assert read_usage({"x-business-use-case-usage": header}).regain_ms == minutes * 60_000


@pytest.mark.parametrize(("told", "percent"), [("1e308", MAX_PERCENT), ("104", 104), ("-1e308", 0)])
def test_a_pool_is_between_empty_and_overfull(told: str, percent: int) -> None:
    assert read_usage({"x-app-usage": f'{{"call_count":{told}}}'}).peak_percent == percent
