from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import httpx
import pytest

from ccm_bridge.configuration import answers, planning
from ccm_bridge.configuration.routes import PATH
from facebook_connector.app import RunningServer, running_server
from facebook_connector.settings import ServerSettings
from messenger_sandbox import RunningSandbox
from tests.integration.ccm_bridge.configuration.conftest import EVERYTHING, MAX_BODY, Place, served_place
from tests.support.ccm_stand_in import push
from tests.support.processes import free_port
from tests.support.sandbox_world import APP_ID, OTHER_PAGE_ID, PAGE_ID, PAGE_TOKEN


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine will do: nothing here is about the store."""
    return sqlite_url


def told(answer: httpx.Response) -> dict[str, Any]:
    """What became of the one channel of a push."""
    assert answer.status_code == 200, answer.text
    assert "canary" not in answer.text
    (configuration,) = answer.json()["configurations"]
    result: dict[str, Any] = configuration
    return result


async def test_a_push_makes_a_channel(place: Place) -> None:
    answer = told(await place.push({**EVERYTHING, "LIKE_SUPPORT_SM": "true", "NEW-ONE": "canary"}))

    fates = {one["key"]: one["result"] for one in answer["attributes"]}
    assert (answer["serviceIdentifier"], answer["channel"], answer["state"]) == (PAGE_ID, "created", "ACTIVE")
    assert fates == {
        "FACEBOOK-HOST-URL": "ignored",
        "FACEBOOK-API-KEY": "applied",
        "FACEBOOK-PAGE-ACCESS-TOKEN": "applied",
        "FACEBOOK-APP-SECRET": "applied",
        "FACEBOOK-APP-ID": "applied",
        "LIKE_SUPPORT_SM": "ignored",
        "NEW-ONE": "ignored",
    }
    assert answer["toDo"] == []
    channel = await place.channel()
    assert (channel.app_id, channel.tenant_id) == (APP_ID, "expertflow")
    assert (channel.page_access_token_set, channel.verify_token_set, channel.app_secret_count) == (True, True, 1)


async def test_a_repeat_changes_settings_to_what_they_are(place: Place) -> None:
    await place.push(EVERYTHING)

    assert told(await place.push(EVERYTHING))["channel"] == "updated"
    assert (await place.channel()).app_secret_count == 1


async def test_a_masked_push_changes_nothing(place: Place) -> None:
    await place.push(EVERYTHING)
    before = await place.channel()

    answer = told(await place.push({key: "*" * 12 for key in EVERYTHING if key != "FACEBOOK-APP-ID"}))

    assert answer["channel"] == "unchanged"
    assert {one["result"] for one in answer["attributes"]} == {"kept"}
    assert await place.channel() == before


async def test_without_a_page_token_a_new_channel_receives_and_says_what_to_do(place: Place) -> None:
    answer = told(await place.push({**EVERYTHING, "FACEBOOK-API-KEY": "*****"}))

    assert answer["channel"] == "created"
    assert answer["toDo"] == [planning.SENDING_MASKED.format(page_id=PAGE_ID)]
    assert not (await place.channel()).page_access_token_set


async def test_what_is_unknown_or_missing_is_logged_by_its_name(place: Place, log: io.StringIO) -> None:
    await place.push({"FACEBOOK-API-KEY": PAGE_TOKEN, "NEW-ONE": "canary"})

    assert '"ignored": ["NEW-ONE"]' in log.getvalue()
    assert planning.NO_HANDSHAKE in log.getvalue()


async def test_a_push_of_several_channels(place: Place) -> None:
    body = [push(PAGE_ID, EVERYTHING), push(OTHER_PAGE_ID, {"FACEBOOK-API-KEY": "canary-other"})]

    answer = await place.http.post(PATH, json=body)

    assert [one["channel"] for one in answer.json()["configurations"]] == ["created", "created"]
    assert (await place.channel(OTHER_PAGE_ID)).page_access_token_set


async def test_pushes_are_counted_by_their_answers(place: Place) -> None:
    for body in (b"{", b"[]", b"[]"):
        await place.http.post(PATH, content=body)

    assert 'ccm_bridge_pushes_total{status="200"} 2.0' in place.metrics.text()
    assert 'ccm_bridge_pushes_total{status="400"} 1.0' in place.metrics.text()


async def test_pushes_of_a_new_page_at_the_same_time_all_succeed(place: Place) -> None:
    answers = await asyncio.gather(*(place.push(EVERYTHING) for _ in range(10)))

    changes = [told(answer)["channel"] for answer in answers]
    assert sorted(changes) == ["created"] + ["updated"] * 9


async def test_the_tenant_of_the_header_becomes_the_channels(place: Place) -> None:
    await place.push(EVERYTHING, tenantid="acme")
    assert (await place.channel()).tenant_id == "acme"
    await place.push(EVERYTHING)
    assert (await place.channel()).tenant_id == "acme"
    assert told(await place.push(EVERYTHING, tenantid="two words"))["channel"] == "updated"
    assert (await place.channel()).tenant_id == "acme"
    await place.push({}, tenantid="globex")
    assert (await place.channel()).tenant_id == "globex"


@pytest.mark.parametrize(
    ("body", "path", "error"),
    [
        (b"{", "$", "is no JSON: Expecting property name enclosed in double quotes, line 1 column 2"),
        (b'{"serviceIdentifier": "canary"}', "$.serviceIdentifier", "is not the id of a Facebook Page, 1 to 32 digits"),
        (
            json.dumps({"serviceIdentifier": PAGE_ID, "connectorConfigurations": None}).encode(),
            "$.connectorConfigurations",
            "is null where a list is wanted",
        ),
        (
            json.dumps([push(PAGE_ID, EVERYTHING), {}]).encode(),
            "$[1].serviceIdentifier",
            "is null where a string is wanted",
        ),
    ],
)
async def test_a_body_that_cannot_be_read_changes_nothing_and_is_told_where(
    place: Place, body: bytes, path: str, error: str
) -> None:
    answer = await place.http.post(PATH, content=body)

    assert answer.status_code == 400
    assert answer.json() == {"reason": "UNREADABLE", "detail": f"{path} {error}", "path": path}
    assert await place.channels.find(PAGE_ID) is None


async def test_a_body_that_is_too_long(place: Place) -> None:
    answer = await place.http.post(PATH, content=b" " * (MAX_BODY + 1))

    assert answer.status_code == 413
    assert str(MAX_BODY) in answer.json()["detail"]


async def test_without_the_server_503_and_come_again(log: io.StringIO) -> None:
    async with served_place(f"127.0.0.1:{free_port()}") as place:
        answer = await place.push(EVERYTHING)

    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["reason"]) == (503, "5", "UNAVAILABLE")
    assert '"status": 503' in log.getvalue()


async def test_a_token_without_the_role_is_our_fault_and_says_what_to_set(
    facebook: RunningSandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = ServerSettings.load(listen="127.0.0.1:0", ccm_tokens="ccm-token", operator_tokens="canary-operator")
    async with running_server(settings) as server:
        for token in ("ccm-token", "wrong"):
            async with served_place(str(server.address), token=token) as place:
                answer = await place.push(EVERYTHING)
                assert (answer.status_code, answer.json()["detail"]) == (503, answers.MAY_NOT)
        async with served_place(str(server.address), token="canary-operator") as place:
            assert (await place.push(EVERYTHING)).status_code == 200


async def test_a_shared_token_is_asked_for(server: RunningServer) -> None:
    async with served_place(str(server.address), asking_for="shared") as place:
        answers = [await place.push(EVERYTHING, **headers) for headers in ({}, {"authorization": "Bearer wrong"})]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert await place.channels.find(PAGE_ID) is None
        assert (await place.push(EVERYTHING, authorization="Bearer shared")).status_code == 200


async def test_unsigned_webhooks_are_taken_where_that_is_allowed(server: RunningServer) -> None:
    settings = {"FACEBOOK-API-KEY": PAGE_TOKEN, "FACEBOOK-PAGE-ACCESS-TOKEN": "canary"}
    async with served_place(str(server.address)) as strict:
        assert told(await strict.push(settings))["toDo"] == [planning.REFUSED]
        assert not (await strict.channel()).allow_unsigned
    async with served_place(str(server.address), allow_unsigned=True) as lax:
        assert told(await lax.push(settings))["toDo"] == [planning.UNSIGNED]
        assert (await lax.channel()).allow_unsigned
