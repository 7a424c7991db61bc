from __future__ import annotations

from typing import Any

import httpx

from messenger_sandbox.errors import ErrorName
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, APP_SECRET, NOW_MS, PAGE_ID, PAGE_TOKEN

APP_TOKEN = f"{APP_ID}|{APP_SECRET}"


async def inspect(http: httpx.AsyncClient, input_token: str) -> dict[str, Any]:
    params = {"input_token": input_token, "access_token": APP_TOKEN}
    answer = await http.get("/v25.0/debug_token", params=params)
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()["data"]
    return data


async def test_a_good_token_tells_its_app_page_and_scopes(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, scopes=frozenset({"pages_messaging"}))
    assert await inspect(http, PAGE_TOKEN) == {
        "app_id": APP_ID,
        "application": "Contact centre",
        "type": "PAGE",
        "is_valid": True,
        "expires_at": 0,
        "data_access_expires_at": NOW_MS // 1_000 + 90 * 86_400,
        "issued_at": NOW_MS // 1_000,
        "profile_id": PAGE_ID,
        "scopes": ["pages_messaging"],
        "granular_scopes": [{"scope": "pages_messaging", "target_ids": [PAGE_ID]}],
    }


async def test_a_spoilt_token_tells_why(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)
    data = await inspect(http, PAGE_TOKEN)
    assert (data["is_valid"], data["error"]["code"], data["error"]["subcode"]) == (False, 190, 460)


async def test_a_token_nobody_knows_is_not_valid(http: httpx.AsyncClient) -> None:
    data = await inspect(http, "nobody's")
    assert (data["is_valid"], data["error"]["code"], data["scopes"]) == (False, 190, [])


async def test_only_the_app_may_inspect(http: httpx.AsyncClient) -> None:
    params = {"input_token": PAGE_TOKEN, "access_token": PAGE_TOKEN}
    answer = await http.get("/v25.0/debug_token", params=params)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_a_token_to_inspect_is_required(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v25.0/debug_token", params={"access_token": APP_TOKEN})
    assert answer.json()["error"]["code"] == 100
