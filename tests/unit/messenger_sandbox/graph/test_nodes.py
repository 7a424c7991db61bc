from __future__ import annotations

import asyncio

import httpx
import pytest

from messenger_sandbox import FAULTS, EntryKind, Filter, PersonHandle, Stage
from messenger_sandbox.fault_script import ScriptedFault
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, APP_SECRET, OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID, Waits

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


def script(state: SandboxState, name: str, times: int = 1) -> None:
    state.script_fault(ScriptedFault(name=name, fault=FAULTS[name], psid=PSID, times=times))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no_profile", (100, 2018218)),
        ("profile_forbidden", (100, 2018247)),
        ("profile_temporary", (2, None)),
        ("profile_limit", (4, None)),
        ("profile_missing", (100, 33)),
        ("profile_no_permission", (230, None)),
        ("profile_no_feature", (10, None)),
        ("profile_token_expired", (190, 463)),
    ],
)
async def test_a_profile_can_be_refused_once(
    http: httpx.AsyncClient, state: SandboxState, name: str, expected: tuple[int, int | None]
) -> None:
    script(state, name)
    assert error(await read(http, PSID)) == expected
    assert (await read(http, PSID)).json() == PROFILE


async def test_a_profile_can_be_empty_once(http: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "profile_empty")
    answer = await read(http, PSID)
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_profile_can_hold_nothing_but_an_id(http: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "profile_id_only")
    assert (await read(http, PSID)).json() == {"id": PSID}


async def test_a_profile_can_come_as_something_else(http: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "profile_not_json")
    answer = await read(http, PSID)
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")


async def test_a_profile_can_be_slow(http: httpx.AsyncClient, state: SandboxState, waits: Waits) -> None:
    script(state, "profile_slow")
    assert (await read(http, PSID)).json() == PROFILE
    assert waits.seconds == [5.0]


async def test_every_fault_of_profiles_is_tried() -> None:
    tried = {"no_profile", "profile_forbidden", "profile_temporary", "profile_limit", "profile_empty"}
    tried |= {"profile_missing", "profile_no_permission", "profile_no_feature", "profile_token_expired"}
    tried |= {"profile_id_only", "profile_not_json", "profile_slow", "profile_silence"}
    assert {name for name, fault in FAULTS.items() if fault.stage is Stage.PROFILE} == tried


async def test_a_fault_of_one_profile_passes_the_page_by(http: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "profile_silence")
    assert (await read(http, "me")).status_code == 200
    assert (await read(http, PSID)).status_code == 504


async def test_reads_of_a_profile_are_counted_refused_ones_too(http: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "no_profile")
    for fields in (None, "first_name", "shoe_size"):
        await read(http, PSID, fields)
    await read(http, OTHER_PSID)
    await read(http, "me")
    assert (PersonHandle(state, PSID).profile_calls, state.profiles.count(OTHER_PSID)) == (3, 1)


async def test_reads_of_a_profile_side_by_side_are_noticed(
    http: httpx.AsyncClient, state: SandboxState, waits: Waits
) -> None:
    script(state, "profile_slow", times=2)
    waits.together = asyncio.Barrier(2)
    async with asyncio.timeout(10):
        await asyncio.gather(*(read(http, PSID) for _ in range(2)))
    assert state.profiles.most_at_once(PSID) == 2


async def test_the_journal_names_the_person_whose_profile_was_refused(
    http: httpx.AsyncClient, state: SandboxState
) -> None:
    await read(http, PSID, "shoe_size")
    [told] = state.journal.entries(Filter(kind=EntryKind.GRAPH_ANSWERED))
    assert (told.psid, told.details["code"]) == (PSID, 100)


async def test_a_profile_needs_the_messaging_permission(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, scopes=frozenset({"pages_manage_metadata"}))
    assert error(await read(http, PSID)) == (230, None)


@pytest.mark.parametrize("node", ["me", PAGE_ID])
async def test_a_page_reads_itself(http: httpx.AsyncClient, node: str) -> None:
    assert (await read(http, node, "id,name")).json() == {"id": PAGE_ID, "name": "Sandbox page"}


async def test_the_apps_token_reads_no_profile(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/v25.0/{PSID}", params={"access_token": f"{APP_ID}|{APP_SECRET}"})
    assert error(answer) == (100, 33)
