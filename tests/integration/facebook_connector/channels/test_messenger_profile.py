"""The Messenger profile over the server's port, with the sandbox as Facebook, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from connector_client import ConnectorClient, ConnectorError
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets, Greeting, MessengerProfile
from expertflow.connector.v1.channel_service_pb2 import (
    CreateChannelRequest,
    GetMessengerProfileRequest,
    UpdateMessengerProfileRequest,
    UpdateMessengerProfileResponse,
)
from facebook_connector.channels.messenger_profile import WINDOW_MS
from facebook_connector.channels.profile_properties import PROPERTIES
from messenger_sandbox.app import RunningSandbox
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.journal import EntryKind
from tests.support.messenger_profiles import full_profile
from tests.support.operators import ANNA, CCM, Operators, refusal, running_operators
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN

EVERYTHING = tuple(PROPERTIES)


@pytest.fixture
async def operators(tmp_path: Path, database_url: str, facebook: RunningSandbox) -> AsyncIterator[Operators]:
    async with running_operators(tmp_path / "data", database_url, graph_url=facebook.base_url) as operators:
        secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET])
        request = CreateChannelRequest(channel=Channel(page_id=PAGE_ID, app_id=APP_ID), secrets=secrets)
        await operators.channels.CreateChannel(request, metadata=ANNA)
        yield operators


def asked(profile: MessengerProfile, *paths: str, request_id: str = "") -> UpdateMessengerProfileRequest:
    mask = FieldMask(paths=paths)
    return UpdateMessengerProfileRequest(page_id=PAGE_ID, profile=profile, update_mask=mask, request_id=request_id)


async def change(operators: Operators, request: UpdateMessengerProfileRequest) -> UpdateMessengerProfileResponse:
    return await operators.channels.UpdateMessengerProfile(request, metadata=ANNA)


async def present(operators: Operators) -> MessengerProfile:
    request = GetMessengerProfileRequest(page_id=PAGE_ID)
    return (await operators.channels.GetMessengerProfile(request, metadata=ANNA)).profile


def calls(facebook: RunningSandbox) -> list[str]:
    """Methods of the calls on the profile, in order."""
    answered = (entry.details for entry in facebook.journal.entries() if entry.kind is EntryKind.GRAPH_ANSWERED)
    return [details["method"] for details in answered if "messenger_profile" in details["edge"]]


async def test_a_profile_is_set_read_and_deleted(operators: Operators, facebook: RunningSandbox) -> None:
    assert await present(operators) == MessengerProfile()
    answer = await change(operators, asked(full_profile(), *EVERYTHING))
    assert answer.profile == full_profile() == await present(operators)

    new = MessengerProfile(greetings=[Greeting(locale="default", text="New")])
    answer = await change(operators, asked(new, "greetings", "ice_breakers"))
    assert answer.profile == await present(operators)
    assert (answer.profile.greetings, len(answer.profile.ice_breakers)) == (new.greetings, 0)
    assert calls(facebook) == ["GET", "GET", "POST", "GET", "GET", "POST", "DELETE", "GET"]


async def test_everything_can_be_deleted_at_once(operators: Operators) -> None:
    await change(operators, asked(full_profile(), *EVERYTHING))
    await change(operators, asked(MessengerProfile(), *EVERYTHING))
    assert await present(operators) == MessengerProfile()


async def test_a_repeat_under_one_request_id_asks_facebook_once(operators: Operators, facebook: RunningSandbox) -> None:
    request = asked(full_profile(), *EVERYTHING, request_id="menu-1")
    first, again = await change(operators, request), await change(operators, request)
    assert first == again
    assert calls(facebook) == ["GET", "POST"]


async def test_who_changed_what_stands_in_the_audit_log(operators: Operators) -> None:
    await change(operators, asked(full_profile(), *EVERYTHING))
    names = ", ".join(sorted(EVERYTHING))
    assert ("anna", "UpdateMessengerProfile", f"fields: {names}") in await operators.audited()


@pytest.mark.parametrize(
    ("paths", "changes", "reason"),
    [
        ((), {}, "INVALID_FIELD"),
        (("greeting",), {}, "INVALID_FIELD"),
        (EVERYTHING, {"get_started_payload": "x" * 1001}, "CONTENT_LIMIT_EXCEEDED"),
        (EVERYTHING, {"page_id": "shop"}, "INVALID_FIELD"),
        (EVERYTHING, {"page_id": "104792690000009"}, "CHANNEL_NOT_FOUND"),
        (EVERYTHING, {"request_id": "x" * 129}, "INVALID_FIELD"),
    ],
)
async def test_bad_input_is_refused_before_facebook_is_asked(
    operators: Operators, facebook: RunningSandbox, paths: tuple[str, ...], changes: dict[str, Any], reason: str
) -> None:
    request = asked(full_profile(), *paths)
    for name, value in changes.items():
        setattr(request.profile if name == "get_started_payload" else request, name, value)
    _, info = await refusal(change(operators, request))
    assert info.reason == reason
    assert calls(facebook) == []


@pytest.mark.parametrize("paths", [("persistent_menus",), ("persistent_menus", "get_started_payload")])
async def test_a_menu_needs_get_started(operators: Operators, facebook: RunningSandbox, paths: tuple[str, ...]) -> None:
    profile = full_profile()
    profile.ClearField("get_started_payload")
    status, info = await refusal(change(operators, asked(profile, *paths)))
    assert (status, info.reason, info.metadata["field"]) == (
        "INVALID_ARGUMENT",
        "INVALID_FIELD",
        "profile.get_started_payload",
    )
    assert calls(facebook) == ["GET"]


async def test_get_started_stays_as_long_as_there_is_a_menu(operators: Operators) -> None:
    await change(operators, asked(full_profile(), *EVERYTHING))
    _, info = await refusal(change(operators, asked(MessengerProfile(), "get_started_payload")))
    assert info.metadata["field"] == "profile.get_started_payload"
    assert await present(operators) == full_profile()


async def test_calls_beyond_ten_in_ten_minutes_say_when_to_come_back(operators: Operators) -> None:
    for _ in range(10):
        await present(operators)
    async with ConnectorClient(operators.address, token="anna-token") as client:
        request = GetMessengerProfileRequest(page_id=PAGE_ID)
        with pytest.raises(ConnectorError, match="10 calls in 10 minutes") as raised:
            await client.connection.call(operators.channels.GetMessengerProfile, request)
    assert (raised.value.reason, raised.value.retry_delay) == ("PROVIDER_THROTTLED", WINDOW_MS / 1000)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ErrorName.TOKEN_PASSWORD_CHANGED, "PAGE_TOKEN_REJECTED"),
        (ErrorName.APP_LIMIT, "PROVIDER_THROTTLED"),
        (ErrorName.TEMPORARY, "PROVIDER_UNAVAILABLE"),
    ],
)
async def test_facebooks_refusals_have_their_reason(
    operators: Operators, facebook: RunningSandbox, fault: ErrorName, reason: str
) -> None:
    facebook.world.change_page(PAGE_ID, token_fault=fault)
    _, info = await refusal(present(operators))
    assert info.reason == reason


async def test_only_operators_may(operators: Operators) -> None:
    request = GetMessengerProfileRequest(page_id=PAGE_ID)
    status, info = await refusal(operators.channels.GetMessengerProfile(request, metadata=CCM))
    assert (status, info.reason) == ("PERMISSION_DENIED", "ROLE_REQUIRED")
