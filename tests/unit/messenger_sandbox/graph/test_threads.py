from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest

from messenger_sandbox import EntryKind, Filter, PersonHandle, Routing, handover
from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.state import SandboxState
from messenger_sandbox.threads import PAGE_INBOX_APP_ID as INBOX
from tests.support.sandbox_world import APP_ID, OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID
from tests.support.webhook_receiver import WebhookReceiver

OTHER_APP = "666000777888999"
OWNED = (10, 2018300)


@pytest.fixture
async def graph(http: httpx.AsyncClient, state: SandboxState) -> httpx.AsyncClient:
    """Speaks for a page whose conversations are routed to the app."""
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    route(state)
    PersonHandle(state, PSID).says("hello")
    return http


def route(state: SandboxState, default: str = APP_ID, **changes: Any) -> None:
    routing = Routing(default_app_id=default, other_apps=frozenset({OTHER_APP}), **changes)
    state.world.change_page(PAGE_ID, routing=routing)


async def control(
    graph: httpx.AsyncClient, verb: str, psid: str = PSID, **params: Any
) -> tuple[int, int | None] | None:
    """What the call was refused with; None: it was taken."""
    answer = await graph.post(f"/v25.0/{PAGE_ID}/{verb}_thread_control", json={"recipient": {"id": psid}, **params})
    return refusal_of(answer.json()) or (None if answer.json() == {"success": True} else (0, 0))


async def send(graph: httpx.AsyncClient, **changes: Any) -> tuple[int, int | None] | None:
    body = {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": "hi"}} | changes
    return refusal_of((await graph.post(f"/v25.0/{PAGE_ID}/messages", json=body)).json())


def refusal_of(body: Mapping[str, Any]) -> tuple[int, int | None] | None:
    error = body.get("error")
    return None if error is None else (error["code"], error.get("error_subcode"))


async def owner(graph: httpx.AsyncClient) -> Any:
    return (await graph.get(f"/v25.0/{PAGE_ID}/thread_owner", params={"recipient": PSID})).json()["data"]


async def test_an_idle_thread_is_the_default_apps(graph: httpx.AsyncClient, state: SandboxState) -> None:
    assert await owner(graph) == []
    assert await send(graph) is None
    route(state, default=INBOX)
    assert await send(graph) == OWNED


async def test_a_passed_thread_cannot_be_written_to_for_a_day(graph: httpx.AsyncClient, state: SandboxState) -> None:
    assert await control(graph, "pass", target_app_id=INBOX) is None
    assert [one["thread_owner"]["app_id"] for one in await owner(graph)] == [INBOX]
    assert await send(graph) == OWNED
    state.clock.advance(DAY_MS - 1)
    assert await send(graph) == OWNED
    state.clock.advance(1)
    PersonHandle(state, PSID).says("still there?")
    assert await send(graph) is None


async def test_actions_too_are_the_owners(graph: httpx.AsyncClient, state: SandboxState) -> None:
    handover.takes(state, PSID, INBOX)
    assert await send(graph, message=None, sender_action="typing_on") == OWNED


async def test_without_routing_everybody_may_send_and_nobody_take(
    graph: httpx.AsyncClient, state: SandboxState
) -> None:
    state.world.change_page(PAGE_ID, routing=None)
    assert await control(graph, "pass", target_app_id=INBOX) is None
    assert await send(graph) is None
    assert await control(graph, "take") == (10, None)


async def test_a_thread_can_be_taken_back_with_the_switch_only(graph: httpx.AsyncClient, state: SandboxState) -> None:
    handover.takes(state, PSID, INBOX)
    route(state, may_take=False)
    assert await control(graph, "take") == (10, None)
    route(state)
    assert await control(graph, "take", metadata="agent answers") is None
    assert await send(graph) is None


@pytest.mark.parametrize("verb", ["pass", "release", "extend"])
async def test_only_the_owner_disposes(graph: httpx.AsyncClient, state: SandboxState, verb: str) -> None:
    handover.takes(state, PSID, INBOX)
    assert await control(graph, verb, target_app_id=INBOX, duration=60) == OWNED


@pytest.mark.parametrize("verb", ["release", "extend"])
async def test_nobody_gives_up_what_is_idle(graph: httpx.AsyncClient, verb: str) -> None:
    assert await control(graph, verb, duration=60) == OWNED


async def test_a_released_thread_is_idle(graph: httpx.AsyncClient) -> None:
    await control(graph, "take")
    assert await control(graph, "release") is None
    assert await owner(graph) == []


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, None), (604_800, None), (604_801, (100, None)), (0, (100, None))]
)
async def test_a_thread_is_kept_for_a_week_at_most(
    graph: httpx.AsyncClient, seconds: int, expected: tuple[int, int | None] | None
) -> None:
    await control(graph, "take")
    assert await control(graph, "extend", duration=seconds) == expected


async def test_an_extended_thread_tells_until_when(graph: httpx.AsyncClient, state: SandboxState) -> None:
    await control(graph, "take")
    await control(graph, "extend", duration=3_600)
    assert await owner(graph) == [{"thread_owner": {"app_id": APP_ID, "expiration": state.clock() // 1_000 + 3_600}}]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (OTHER_APP, None),
        (int(INBOX), None),
        ("123", (100, 2018164)),
        ("inbox", (100, 2018164)),
        (None, (100, None)),
    ],
)
async def test_a_thread_goes_to_apps_of_the_page_only(
    graph: httpx.AsyncClient, target: object, expected: tuple[int, int | None] | None
) -> None:
    assert await control(graph, "pass", target_app_id=target) == expected


@pytest.mark.parametrize("psid", [OTHER_PSID, "1"])
async def test_a_thread_needs_a_person_of_the_page(graph: httpx.AsyncClient, psid: str) -> None:
    assert await control(graph, "release", psid) == (100, 2018001)


async def test_an_owner_has_nothing_to_request(graph: httpx.AsyncClient, state: SandboxState) -> None:
    handover.takes(state, PSID, INBOX)
    assert await control(graph, "request") is None
    await control(graph, "take")
    assert await control(graph, "request") == (100, None)


async def test_a_message_can_hand_the_thread_over(graph: httpx.AsyncClient) -> None:
    assert await send(graph, thread_control={"control_type": "pass", "app_id": INBOX}) is None
    assert await send(graph) == OWNED


async def test_a_message_can_release_the_thread(graph: httpx.AsyncClient) -> None:
    await control(graph, "take")
    assert await send(graph, thread_control={"control_type": "release"}) is None
    assert await owner(graph) == []


async def test_a_message_is_not_sent_if_it_cannot_hand_over(graph: httpx.AsyncClient, state: SandboxState) -> None:
    assert await send(graph, thread_control={"control_type": "pass", "app_id": "123"}) == (100, 2018164)
    assert PersonHandle(state, PSID).saw == ()


async def test_events_of_anothers_thread_travel_in_standby(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    person = PersonHandle(state, PSID)
    handover.takes(state, PSID, INBOX)
    await person.says("in standby")
    handover.passes(state, PSID, APP_ID, metadata="vip")
    await person.says("again ours")
    entries = [orjson.loads(got.body)["entry"][0] for got in receiver.received]
    assert [sorted(entry.keys() & {"messaging", "standby"}) for entry in entries[-3:]] == [
        ["standby"],
        ["messaging"],
        ["messaging"],
    ]
    assert entries[-2]["messaging"][0]["pass_thread_control"] == {
        "previous_owner_app_id": INBOX,
        "new_owner_app_id": APP_ID,
        "metadata": "vip",
    }


async def test_the_loser_and_the_asked_are_told(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    await control(graph, "take")
    asked = handover.requests(state, PSID, INBOX)
    lost = handover.takes(state, PSID, INBOX)
    assert asked is not None
    assert lost is not None
    await lost
    items = [got.items[0] for got in receiver.received[-2:]]
    assert items[0]["request_thread_control"]["requested_owner_app_id"] == int(INBOX)
    assert items[1]["take_thread_control"]["previous_owner_app_id"] == APP_ID


async def test_nobody_is_told_of_what_was_idle(graph: httpx.AsyncClient, state: SandboxState) -> None:
    assert handover.takes(state, PSID, INBOX) is None


async def test_the_journal_tells_who_has_the_thread(graph: httpx.AsyncClient, state: SandboxState) -> None:
    await control(graph, "take")
    await control(graph, "release")
    told = [entry.details for entry in state.journal.entries(Filter(kind=EntryKind.THREAD_CONTROL))]
    assert [dict(one) for one in told] == [{"how": "take", "app_id": APP_ID}, {"how": "release", "app_id": None}]


async def test_a_page_tells_whether_it_is_routed(graph: httpx.AsyncClient) -> None:
    status = (await graph.get("/v25.0/me", params={"fields": "messaging_feature_status"})).json()
    assert status["messaging_feature_status"]["hop_v2"] is True
