from __future__ import annotations

import orjson
import pytest

from facebook_connector.channels.refusals import THROTTLE_DELAY_MS, no_token, refused, unanswered
from facebook_connector.graph.client import GraphUnreachableError
from facebook_connector.graph.reply import GraphReply, read_reply

USAGE = '{"1001":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":7}]}'


def reply(status: int = 400, usage: str = "", **error: object) -> GraphReply:
    body = {"error": {"message": "canary: Facebook's own words", **error}} if error else {}
    headers = {"x-business-use-case-usage": usage} if usage else {}
    return read_reply(status, headers, orjson.dumps(body))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(code=190, error_subcode=460), "PAGE_TOKEN_REJECTED"),
        (reply(code=102), "PAGE_TOKEN_REJECTED"),
        (reply(code=368), "PAGE_RESTRICTED"),
        (reply(code=10, error_subcode=1893063), "PAGE_RESTRICTED"),
        (reply(code=10), "PAGE_PERMISSION_MISSING"),
        (reply(code=299), "PAGE_PERMISSION_MISSING"),
        (reply(code=80006), "PROVIDER_THROTTLED"),
        (reply(status=429), "PROVIDER_THROTTLED"),
        (reply(code=2), "PROVIDER_UNAVAILABLE"),
        (reply(code=987654, is_transient=True), "PROVIDER_UNAVAILABLE"),
        (reply(status=502), "PROVIDER_UNAVAILABLE"),
        (reply(code=100), "PROVIDER_REJECTED"),
        (reply(code=100, message="Invalid appsecret_proof provided: canary"), "PAGE_TOKEN_REJECTED"),
        (reply(code=987654), "PROVIDER_REJECTED"),
        (reply(status=404), "PROVIDER_REJECTED"),
    ],
)
def test_an_answer_has_its_reason(answer: GraphReply, reason: str) -> None:
    error = refused("1001", answer)

    assert error.reason == reason
    assert error.metadata.keys() == {"page_id", "provider_code", "provider_subcode"}
    assert "canary" not in f"{error} {error.metadata}"


def test_an_error_quotes_facebooks_numbers() -> None:
    error = refused("1001", reply(code=190, error_subcode=460))

    assert error.metadata == {"page_id": "1001", "provider_code": "190", "provider_subcode": "460"}
    assert error.message.endswith("(190/460).")


def test_a_refused_app_secret_is_named() -> None:
    error = refused("1001", reply(code=100, message="Invalid appsecret_proof provided in the API argument"))

    assert error.message == "Facebook refuses the app secret of this channel (appsecret_proof) (100)."


def test_numbers_that_facebook_did_not_give_are_empty() -> None:
    assert refused("1001", reply(status=502)).metadata["provider_code"] == ""
    assert no_token("1001").metadata == {"page_id": "1001", "provider_code": "", "provider_subcode": ""}


def test_a_rate_limit_says_when_to_come_back() -> None:
    assert refused("1001", reply(code=80006, usage=USAGE)).retry_delay_ms == 7 * 60_000
    assert refused("1001", reply(code=80006)).retry_delay_ms == THROTTLE_DELAY_MS


def test_no_answer_is_unavailable_and_says_why() -> None:
    error = unanswered("1001", GraphUnreachableError("CONNECT_TIMEOUT", bytes_left=False))

    assert (error.reason, error.metadata) == ("PROVIDER_UNAVAILABLE", {"page_id": "1001"})
    assert "CONNECT_TIMEOUT" in error.message
