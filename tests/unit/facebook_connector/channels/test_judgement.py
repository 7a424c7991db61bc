from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from expertflow.connector.v1.channel_pb2 import CHECK_STATE_FAILED, CHECK_STATE_OK, CHECK_STATE_WARNING, CheckState
from facebook_connector.channels.fields import DISABLED_WITHOUT
from facebook_connector.channels.judgement import CHECKS, DAY_MS, Findings, Judged, judge
from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.graph.reply import GraphReply, read_reply

NOW_MS = 1_794_300_000_000
PAGE_ID = "1001"
ACCESS = PageAccess(
    page_id=PAGE_ID,
    app_id="5001",
    graph_version="",
    wanted_fields=(),
    allow_unsigned=False,
    secrets=Secrets(page_access_token="token", app_secrets=("secret",)),
)
FACTS = {
    "app_id": "5001",
    "is_valid": True,
    "expires_at": 0,
    "data_access_expires_at": (NOW_MS + 80 * DAY_MS) // 1000,
    "scopes": ["pages_messaging", "pages_manage_metadata", "pages_read_engagement"],
}
APP = {"id": "5001", "subscribed_fields": list(DISABLED_WITHOUT)}
NAMES = [
    "page_access_token",
    "token_expiry",
    "page",
    "app_secret",
    "permissions",
    "subscription",
    "subscribed_fields",
    "graph_version",
]


def reply(body: dict[str, Any], status: int = 200, version: str = "v25.0") -> GraphReply:
    return read_reply(status, {"facebook-api-version": version}, orjson.dumps(body))


FINE = Findings(
    access=ACCESS,
    now_ms=NOW_MS,
    asked_version="v25.0",
    page=reply({"id": PAGE_ID, "name": "Invented Shoes"}),
    token=reply({"data": FACTS}),
    apps=reply({"data": [APP]}),
)


BAD_PROOF = reply({"error": {"message": "Invalid appsecret_proof provided in the API argument", "code": 100}}, 400)


def facts(**changes: Any) -> Findings:
    return replace(FINE, token=reply({"data": FACTS | changes}))


def check(name: str, findings: Findings) -> Judged:
    return next(one for one in judge(findings) if one.name == name)


def test_the_checks_come_in_a_fixed_order_each_with_a_sentence() -> None:
    judged = judge(FINE)

    assert [one.name for one in judged] == NAMES
    assert len(CHECKS) == len(NAMES)
    assert all(one.detail.endswith(".") for one in judged)
    assert {one.state for one in judged} == {CHECK_STATE_OK}


@pytest.mark.parametrize(
    ("name", "findings", "state", "said"),
    [
        ("page_access_token", replace(FINE, page=None), CHECK_STATE_WARNING, "could not be asked"),
        (
            "page_access_token",
            facts(is_valid=False, error={"code": 190, "subcode": 463}),
            CHECK_STATE_FAILED,
            "expired (190/463)",
        ),
        ("page_access_token", facts(is_valid=False), CHECK_STATE_FAILED, "(190)"),
        (
            "page_access_token",
            replace(FINE, page=reply({"error": {"code": 4}}, 400)),
            CHECK_STATE_WARNING,
            "rate limit",
        ),
        ("token_expiry", facts(expires_at=(NOW_MS + 3 * DAY_MS) // 1000), CHECK_STATE_WARNING, "ends on 2026-11-13"),
        ("token_expiry", facts(expires_at=(NOW_MS + 50 * DAY_MS) // 1000), CHECK_STATE_OK, "until 2026-12-30"),
        (
            "token_expiry",
            facts(data_access_expires_at=(NOW_MS + 3 * DAY_MS) // 1000),
            CHECK_STATE_WARNING,
            "access to data ends on 2026-11-13",
        ),
        ("token_expiry", facts(is_valid=False), CHECK_STATE_WARNING, "does not take the token"),
        ("page", replace(FINE, page=reply({"id": "1002"})), CHECK_STATE_FAILED, "belongs to page 1002, not to 1001"),
        ("page", replace(FINE, page=reply({}, 503)), CHECK_STATE_WARNING, "HTTP 503"),
        (
            "app_secret",
            replace(FINE, token=reply({"error": {"code": 190}}, 400)),
            CHECK_STATE_FAILED,
            "app_id and app secret together",
        ),
        ("app_secret", replace(FINE, page=BAD_PROOF), CHECK_STATE_FAILED, "refuses the app secret of this channel"),
        (
            "app_secret",
            replace(FINE, page=BAD_PROOF, token=None, apps=BAD_PROOF),
            CHECK_STATE_FAILED,
            "refuses the app secret of this channel",
        ),
        ("app_secret", facts(app_id="5002"), CHECK_STATE_FAILED, "made for app 5002"),
        (
            "permissions",
            facts(granular_scopes=[{"scope": "pages_messaging", "target_ids": ["1002"]}]),
            CHECK_STATE_FAILED,
            "lacks pages_messaging",
        ),
        (
            "permissions",
            facts(granular_scopes=[{"scope": "pages_messaging", "target_ids": [1001]}]),
            CHECK_STATE_OK,
            "all permissions",
        ),
        (
            "subscription",
            replace(FINE, apps=reply({"data": [{"id": "5002"}]})),
            CHECK_STATE_FAILED,
            "not subscribed to the app",
        ),
        ("subscription", replace(FINE, apps=reply({"error": {"code": 200}}, 403)), CHECK_STATE_WARNING, "(200)"),
        (
            "subscribed_fields",
            replace(FINE, apps=reply({"data": [{"id": "5001", "subscribed_fields": ["message_reads"]}]})),
            CHECK_STATE_FAILED,
            "messages",
        ),
        (
            "graph_version",
            replace(FINE, page=reply({"id": PAGE_ID}, version="v26.0")),
            CHECK_STATE_WARNING,
            "v25.0 with v26.0",
        ),
    ],
)
def test_what_facebook_says_is_judged(name: str, findings: Findings, state: CheckState, said: str) -> None:
    judged = check(name, findings)

    assert (judged.state, said in judged.detail) == (state, True), judged


def test_without_an_app_secret_webhooks_cannot_be_verified() -> None:
    access = replace(ACCESS, secrets=Secrets(page_access_token="token"))
    refused = check("app_secret", replace(FINE, access=access, token=None))
    forgeable = check("app_secret", replace(FINE, access=replace(access, allow_unsigned=True), token=None))

    assert (refused.state, refused.disables) == (CHECK_STATE_FAILED, ("messages of customers",))
    assert forgeable.state == CHECK_STATE_WARNING
    assert "forge" in forgeable.detail


def test_secrets_that_do_not_open_are_not_called_missing() -> None:
    access = replace(ACCESS, secrets=Secrets(), sealed=True)
    judged = {one.name: one for one in judge(replace(FINE, access=access, page=None, token=None, apps=None))}

    for name in ("page_access_token", "app_secret"):
        assert judged[name].state == CHECK_STATE_FAILED
        assert "do not open with the present FBC_SECRET_KEYS" in judged[name].detail
    for name in ("token_expiry", "page", "permissions", "subscription"):
        assert judged[name].detail == "Not checked: the stored secrets do not open."


def test_without_an_app_id_the_token_tells_the_app() -> None:
    findings = replace(FINE, access=replace(ACCESS, app_id=""), apps=reply({"data": [{"id": "5002"}, APP]}))

    assert check("subscription", findings).detail == "The page is subscribed to app 5001."


def test_without_any_app_id_the_only_app_is_taken_for_ours() -> None:
    findings = replace(FINE, access=replace(ACCESS, app_id=""), token=None)

    assert check("subscription", findings).state == CHECK_STATE_OK


def test_without_any_app_id_several_apps_cannot_be_told_apart() -> None:
    findings = replace(FINE, access=replace(ACCESS, app_id=""), token=None, apps=reply({"data": [{"id": "5002"}, APP]}))

    assert check("subscription", findings).state == CHECK_STATE_WARNING


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": "odd"},
        {"data": [7, {"subscribed_fields": 7}]},
        {"data": {"is_valid": True, "expires_at": "odd", "scopes": 7, "granular_scopes": [7, {"target_ids": 7}]}},
        {"data": {"is_valid": False, "error": {"code": "odd"}}},
    ],
)
def test_answers_of_an_odd_shape_break_nothing(body: dict[str, Any]) -> None:
    odd = reply(body)

    assert len(judge(replace(FINE, page=odd, token=odd, apps=odd))) == len(NAMES)
