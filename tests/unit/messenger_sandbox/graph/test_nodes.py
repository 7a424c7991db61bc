from __future__ import annotations

import httpx
import pytest

from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, APP_SECRET, OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID

PROFILE = {"id": PSID, "first_name": "Ali", "last_name": "Raza"}


async def read(http: httpx.AsyncClient, node: str, fields: str | None = None) -> httpx.Response:
    params = {} if fields is None else {"fields": fields}
    return await http.get(f"/v25.0/{node}", params=params, headers={"Authorization": f"Bearer {PAGE_TOKEN}"})


def error(answer: httpx.Response) -> tuple[int, int | None]:
    inner = answer.json()["error"]
    return inner["code"], inner.get("error_subcode")


async def test_a_profile_holds_the_fields_asked_for(http: httpx.AsyncClient) -> None:
    answer = await read(http, PSID, "id,name,first_name,last_name,profile_pic")
    assert answer.json() == PROFILE | {"name": "Ali Raza"}


async def test_without_fields_a_profile_has_its_usual_ones(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_person(PSID, profile_pic="https://cc.example/p.jpg")
    assert (await read(http, PSID)).json() == PROFILE | {"profile_pic": "https://cc.example/p.jpg"}


@pytest.mark.parametrize(
    ("node", "fields", "expected"),
    [
        pytest.param(PSID, "first_name,locale", (100, 2018247), id="one forbidden field"),
        pytest.param(PSID, "first_name,shoe_size", (100, None), id="one unknown field"),
        pytest.param(OTHER_PSID, None, (100, 33), id="another page's person"),
        pytest.param("1", None, (100, 33), id="nobody"),
        pytest.param("me", "id,tasks", (100, None), id="an unknown field of the page"),
    ],
)
async def test_a_read_is_refused(
    http: httpx.AsyncClient, node: str, fields: str | None, expected: tuple[int, int | None]
) -> None:
    assert error(await read(http, node, fields)) == expected


async def test_a_phone_number_account_has_no_profile(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_person(PSID, phone_only=True)
    assert error(await read(http, PSID)) == (100, 2018218)


async def test_without_consent_a_profile_is_an_empty_object(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_person(PSID, consents=False)
    answer = await read(http, PSID, "first_name")
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_profile_needs_the_messaging_permission(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, scopes=frozenset({"pages_manage_metadata"}))
    assert error(await read(http, PSID)) == (230, None)


@pytest.mark.parametrize("node", ["me", PAGE_ID])
async def test_a_page_reads_itself(http: httpx.AsyncClient, node: str) -> None:
    assert (await read(http, node, "id,name")).json() == {"id": PAGE_ID, "name": "Sandbox page"}


async def test_the_apps_token_reads_no_profile(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/v25.0/{PSID}", params={"access_token": f"{APP_ID}|{APP_SECRET}"})
    assert error(answer) == (100, 33)
