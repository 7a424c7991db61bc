from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN

URL = f"/v25.0/{PAGE_ID}/subscribed_apps"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def graph(http: httpx.AsyncClient, state: SandboxState) -> httpx.AsyncClient:
    """Speaks for a page that nobody has subscribed yet."""
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    state.world.change_page(PAGE_ID, subscribed_fields=frozenset())
    return http


async def fields(graph: httpx.AsyncClient) -> list[str]:
    data = (await graph.get(URL)).json()["data"]
    return data[0]["subscribed_fields"] if data else []


async def test_a_fresh_page_lists_no_app(graph: httpx.AsyncClient) -> None:
    assert (await graph.get(URL)).json() == {"data": []}


@pytest.mark.parametrize(
    "request_parts",
    [
        pytest.param({"params": {"subscribed_fields": "messages,message_echoes"}}, id="query"),
        pytest.param({"json": {"subscribed_fields": "messages, message_echoes"}}, id="json, comma list"),
        pytest.param({"json": {"subscribed_fields": ["messages", "message_echoes"]}}, id="json, array"),
        pytest.param(
            {"content": urlencode({"subscribed_fields": '["messages","message_echoes"]'}), "headers": FORM}, id="form"
        ),
    ],
)
async def test_subscribing_lists_the_app_with_its_fields(
    graph: httpx.AsyncClient, request_parts: dict[str, Any]
) -> None:
    assert (await graph.post(URL, **request_parts)).json() == {"success": True}
    [app] = (await graph.get(URL)).json()["data"]
    assert (app["id"], app["subscribed_fields"]) == (APP_ID, ["message_echoes", "messages"])


async def test_a_second_list_replaces_the_first(graph: httpx.AsyncClient) -> None:
    for names in ("messages", "message_reads"):
        await graph.post(URL, params={"subscribed_fields": names})
    assert await fields(graph) == ["message_reads"]


@pytest.mark.parametrize("names", [None, "", "messages,no_such_field", 7, "[", {"a": 1}])
async def test_a_list_that_is_missing_or_wrong_changes_nothing(graph: httpx.AsyncClient, names: object) -> None:
    await graph.post(URL, params={"subscribed_fields": "messages"})
    answer = await graph.post(URL, json={} if names is None else {"subscribed_fields": names})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert await fields(graph) == ["messages"]


@pytest.mark.parametrize("token", [PAGE_TOKEN, f"{APP_ID}|{APP_SECRET}"])
async def test_page_or_app_may_unsubscribe(graph: httpx.AsyncClient, token: str) -> None:
    await graph.post(URL, params={"subscribed_fields": "messages"})
    answer = await graph.delete(URL, headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"success": True}
    assert await fields(graph) == []
