from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from messenger_sandbox.clock import SECOND_MS
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import OTHER_PAGE_ID, OTHER_TOKEN, PAGE_ID, PAGE_TOKEN

URL = f"/v25.0/{PAGE_ID}/messenger_profile"
STARTED = {"payload": "START"}
MENU = [{"locale": "default", "call_to_actions": [{"type": "postback", "title": "Agent", "payload": "AGENT"}]}]
SUCCESS = {"result": "success"}


@pytest.fixture
async def graph(http: httpx.AsyncClient) -> httpx.AsyncClient:
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    return http


async def read(graph: httpx.AsyncClient, *names: str) -> Any:
    return (await graph.get(URL, params={"fields": ",".join(names)})).json()


async def test_what_was_set_is_read(graph: httpx.AsyncClient) -> None:
    assert await read(graph, "get_started", "persistent_menu") == {"data": []}
    answer = await graph.post(URL, json={"get_started": STARTED, "persistent_menu": MENU})
    assert answer.json() == SUCCESS
    assert await read(graph, "get_started", "greeting") == {"data": [{"get_started": STARTED}]}


async def test_form_fields_are_json_strings(graph: httpx.AsyncClient) -> None:
    form = {"get_started": orjson.dumps(STARTED).decode(), "persistent_menu": orjson.dumps(MENU).decode()}
    assert (await graph.post(URL, data=form)).json() == SUCCESS
    assert await read(graph, "persistent_menu") == {"data": [{"persistent_menu": MENU}]}


async def test_what_is_not_named_stays(graph: httpx.AsyncClient) -> None:
    await graph.post(URL, json={"get_started": STARTED})
    await graph.post(URL, json={"account_linking_url": "https://cc.example/login"})
    assert await read(graph, "get_started") == {"data": [{"get_started": STARTED}]}


@pytest.mark.parametrize("fields", [["persistent_menu"], "persistent_menu", '["persistent_menu"]'])
async def test_a_property_can_be_deleted(graph: httpx.AsyncClient, fields: object) -> None:
    await graph.post(URL, json={"get_started": STARTED, "persistent_menu": MENU})
    assert (await graph.request("DELETE", URL, json={"fields": fields})).json() == SUCCESS
    assert await read(graph, "get_started", "persistent_menu") == {"data": [{"get_started": STARTED}]}


async def test_the_start_button_stays_as_long_as_the_menu(graph: httpx.AsyncClient) -> None:
    await graph.post(URL, json={"get_started": STARTED, "persistent_menu": MENU})
    answer = await graph.request("DELETE", URL, json={"fields": ["get_started"]})
    assert answer.json()["error"]["code"] == 100
    assert await read(graph, "get_started") == {"data": [{"get_started": STARTED}]}


@pytest.mark.parametrize("fields", ["", "colour", "get_started,colour"])
async def test_unknown_properties_cannot_be_read(graph: httpx.AsyncClient, fields: str) -> None:
    assert (await read(graph, fields))["error"]["code"] == 100


async def test_a_wrong_property_changes_nothing(graph: httpx.AsyncClient) -> None:
    answer = await graph.post(URL, json={"get_started": STARTED, "greeting": "Hi"})
    assert answer.json()["error"]["code"] == 100
    assert await read(graph, "get_started") == {"data": []}


async def test_profiles_are_the_pages_own(graph: httpx.AsyncClient) -> None:
    await graph.post(URL, json={"get_started": STARTED})
    other = await graph.get(
        f"/v25.0/{OTHER_PAGE_ID}/messenger_profile",
        params={"fields": "get_started"},
        headers={"Authorization": f"Bearer {OTHER_TOKEN}"},
    )
    assert other.json() == {"data": []}


async def test_the_permission_is_needed(graph: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, scopes=frozenset({"pages_messaging"}))
    assert (await read(graph, "get_started"))["error"]["code"] == 200


async def test_ten_calls_in_ten_minutes(graph: httpx.AsyncClient, state: SandboxState) -> None:
    answers = [await read(graph, "get_started") for _ in range(11)]
    assert ["error" in answer for answer in answers] == [False] * 10 + [True]
    assert answers[-1]["error"]["code"] == 613
    state.clock.advance(600 * SECOND_MS)
    assert await read(graph, "get_started") == {"data": []}
