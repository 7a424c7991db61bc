from __future__ import annotations

import httpx
import pytest

from messenger_sandbox import PersonHandle
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import OTHER_TOKEN, PAGE_ID, PAGE_TOKEN, PSID

URL = f"/v25.0/{PAGE_ID}/personas"
FACE = {"name": "Sana", "profile_picture_url": "https://cc.example/sana.jpg"}


@pytest.fixture
async def graph(http: httpx.AsyncClient) -> httpx.AsyncClient:
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    return http


async def created(graph: httpx.AsyncClient) -> str:
    return str((await graph.post(URL, json=FACE)).json()["id"])


async def sends(graph: httpx.AsyncClient, persona_id: str) -> int:
    body = {
        "recipient": {"id": PSID},
        "messaging_type": "RESPONSE",
        "message": {"text": "hi"},
        "persona_id": persona_id,
    }
    return (await graph.post(f"/v25.0/{PAGE_ID}/messages", json=body)).status_code


async def test_a_persona_can_be_read_and_listed(graph: httpx.AsyncClient) -> None:
    persona_id = await created(graph)
    assert (await graph.get(f"/v25.0/{persona_id}")).json() == {"id": persona_id, **FACE}
    assert (await graph.get(URL)).json() == {"data": [{"id": persona_id, **FACE}]}


async def test_messages_go_out_under_it_until_it_is_deleted(graph: httpx.AsyncClient, state: SandboxState) -> None:
    persona_id = await created(graph)
    PersonHandle(state, PSID).says("hello")
    assert await sends(graph, persona_id) == 200
    assert (await graph.delete(f"/v25.0/{persona_id}")).json() == {"success": True}
    assert await sends(graph, persona_id) == 400


async def test_another_pages_persona_is_missing(graph: httpx.AsyncClient) -> None:
    persona_id = await created(graph)
    graph.headers["Authorization"] = f"Bearer {OTHER_TOKEN}"
    for method in ("GET", "DELETE"):
        answer = await graph.request(method, f"/v25.0/{persona_id}")
        assert answer.json()["error"]["error_subcode"] == 33


@pytest.mark.parametrize("change", [{"name": ""}, {"profile_picture_url": "sana.jpg"}, {"colour": "red"}])
async def test_a_face_has_a_name_and_a_picture(graph: httpx.AsyncClient, change: dict[str, str]) -> None:
    assert (await graph.post(URL, json=FACE | change)).json()["error"]["code"] == 100
