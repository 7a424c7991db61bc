from __future__ import annotations

from dataclasses import replace

import pytest

from expertflow.connector.v1.channel_pb2 import CHECK_STATE_FAILED, CHECK_STATE_OK, CHECK_STATE_WARNING, CheckState
from facebook_connector.channels.check import ChannelChecker
from facebook_connector.channels.judgement import Judged, worst
from facebook_connector.channels.subscribe import Subscriptions
from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.graph.client import GraphClient
from messenger_sandbox.app import RunningSandbox
from messenger_sandbox.errors import ErrorName
from tests.support.sandbox_world import NOW_MS, PAGE_ID


@pytest.fixture
def checker(graph: GraphClient) -> ChannelChecker:
    return ChannelChecker(graph)


@pytest.fixture
async def _subscribed(graph: GraphClient, access: PageAccess) -> None:
    await Subscriptions(graph).subscribe(access)


def states(judged: tuple[Judged, ...]) -> dict[str, CheckState]:
    return {one.name: one.state for one in judged}


def check(judged: tuple[Judged, ...], name: str) -> Judged:
    return next(one for one in judged if one.name == name)


@pytest.mark.usefixtures("_subscribed")
async def test_a_channel_that_is_set_up_passes_every_check(checker: ChannelChecker, access: PageAccess) -> None:
    judged = await checker.check(access, NOW_MS)

    assert worst(judged) == CHECK_STATE_OK, judged


@pytest.mark.usefixtures("_subscribed")
async def test_a_dead_token_fails_and_says_why(
    facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess
) -> None:
    facebook.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)

    token = check(await checker.check(access, NOW_MS), "page_access_token")

    assert token.state == CHECK_STATE_FAILED
    assert "password" in token.detail
    assert token.disables == ("messages to customers",)


@pytest.mark.usefixtures("_subscribed")
async def test_a_dead_token_is_found_without_the_app_secret_too(
    facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess
) -> None:
    facebook.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)
    without = replace(access, secrets=Secrets(page_access_token=access.secrets.page_access_token))

    assert states(await checker.check(without, NOW_MS))["page_access_token"] == CHECK_STATE_FAILED


async def test_a_page_that_is_not_subscribed_receives_nothing(checker: ChannelChecker, access: PageAccess) -> None:
    subscription = check(await checker.check(access, NOW_MS), "subscription")

    assert subscription.state == CHECK_STATE_FAILED
    assert subscription.disables == ("messages of customers",)


async def test_a_missing_field_says_what_it_disables(
    facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess
) -> None:
    facebook.world.change_page(PAGE_ID, subscribed_fields=frozenset({"messages"}))

    fields = check(
        await checker.check(replace(access, wanted_fields=("messages", "message_reads")), NOW_MS), "subscribed_fields"
    )

    assert (fields.state, fields.disables) == (CHECK_STATE_WARNING, ("read receipts",))


@pytest.mark.usefixtures("_subscribed")
@pytest.mark.parametrize(
    ("missing", "state"), [("pages_messaging", CHECK_STATE_FAILED), ("pages_read_engagement", CHECK_STATE_WARNING)]
)
async def test_a_missing_permission_says_what_it_disables(
    facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess, missing: str, state: CheckState
) -> None:
    facebook.world.change_page(PAGE_ID, scopes=facebook.world.page(PAGE_ID).scopes - {missing})

    permissions = check(await checker.check(access, NOW_MS), "permissions")

    assert permissions.state == state
    assert missing in permissions.detail
    assert len(permissions.disables) == 1


@pytest.mark.usefixtures("_subscribed")
async def test_a_wrong_app_secret_fails(checker: ChannelChecker, access: PageAccess) -> None:
    secrets = replace(access.secrets, app_secrets=("canary-wrong",))

    judged = await checker.check(replace(access, secrets=secrets), NOW_MS)

    assert states(judged)["app_secret"] == CHECK_STATE_FAILED


async def test_without_a_token_nothing_is_asked(
    facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess
) -> None:
    judged = await checker.check(replace(access, secrets=Secrets()), NOW_MS)

    assert states(judged)["page_access_token"] == CHECK_STATE_FAILED
    assert len(facebook.journal.entries()) == 0


async def test_facebook_out_of_reach_is_a_warning_and_no_error(access: PageAccess) -> None:
    async with GraphClient("http://127.0.0.1:1") as unreachable:
        judged = await ChannelChecker(unreachable).check(access, NOW_MS)

    assert set(states(judged).values()) == {CHECK_STATE_WARNING}


async def test_no_check_shows_a_secret(facebook: RunningSandbox, checker: ChannelChecker, access: PageAccess) -> None:
    for fault in (None, ErrorName.TOKEN_PASSWORD_CHANGED):
        facebook.world.change_page(PAGE_ID, token_fault=fault)
        assert "canary" not in str(await checker.check(access, NOW_MS))
