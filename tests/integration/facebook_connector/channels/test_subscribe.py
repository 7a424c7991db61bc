from __future__ import annotations

from dataclasses import replace

import pytest

from facebook_connector.channels.fields import DISABLED_WITHOUT
from facebook_connector.channels.subscribe import Subscriptions
from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import GraphClient
from messenger_sandbox.app import RunningSandbox
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.journal import EntryKind
from tests.support.sandbox_world import PAGE_ID


def lists_posted(facebook: RunningSandbox) -> list[set[str]]:
    return [
        set(entry.details["subscribed_fields"])
        for entry in facebook.journal.entries()
        if entry.kind is EntryKind.GRAPH_ANSWERED
        and entry.details["method"] == "POST"
        and entry.details["status"] == 200
    ]


async def test_without_a_wish_all_fields_that_the_connector_understands(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess
) -> None:
    subscribed = await Subscriptions(graph).subscribe(access)

    assert facebook.world.page(PAGE_ID).subscribed_fields == set(DISABLED_WITHOUT)
    assert subscribed.fields == tuple(sorted(DISABLED_WITHOUT))
    assert subscribed.refused == ()


async def test_the_complete_list_goes_in_one_call(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess
) -> None:
    await Subscriptions(graph).subscribe(replace(access, wanted_fields=("messages", "feed")))

    assert lists_posted(facebook) == [{"messages", "feed"}]


async def test_a_refused_field_is_told_and_the_others_are_subscribed(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess
) -> None:
    subscribed = await Subscriptions(graph).subscribe(
        replace(access, wanted_fields=("messages", "no_such_field", "message_reads"))
    )

    assert subscribed.fields == ("message_reads", "messages")
    assert subscribed.refused == ("no_such_field",)


async def test_while_a_refused_field_is_looked_for_no_present_one_is_dropped(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess
) -> None:
    present = frozenset({"messages", "message_reads"})
    facebook.world.change_page(PAGE_ID, subscribed_fields=present)

    await Subscriptions(graph).subscribe(
        replace(access, wanted_fields=("feed", "messages", "no_such_field", "message_reads"))
    )

    assert all(posted >= present for posted in lists_posted(facebook))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ErrorName.TOKEN_PASSWORD_CHANGED, "PAGE_TOKEN_REJECTED"),
        (ErrorName.APP_LIMIT, "PROVIDER_THROTTLED"),
        (ErrorName.TEMPORARY, "PROVIDER_UNAVAILABLE"),
    ],
)
async def test_other_refusals_are_errors_with_their_reason(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess, fault: ErrorName, reason: str
) -> None:
    facebook.world.change_page(PAGE_ID, token_fault=fault)

    with pytest.raises(ConnectorError) as raised:
        await Subscriptions(graph).subscribe(access)

    assert raised.value.reason == reason
    assert raised.value.metadata["page_id"] == PAGE_ID
    assert "provider_code" in raised.value.metadata


async def test_a_missing_permission_is_told(facebook: RunningSandbox, graph: GraphClient, access: PageAccess) -> None:
    facebook.world.change_page(PAGE_ID, scopes=frozenset({"pages_messaging"}))

    with pytest.raises(ConnectorError) as raised:
        await Subscriptions(graph).subscribe(access)

    assert raised.value.reason == "PAGE_PERMISSION_MISSING"


async def test_a_call_that_is_refused_as_such_is_no_matter_of_fields(
    facebook: RunningSandbox, graph: GraphClient, access: PageAccess
) -> None:
    with pytest.raises(ConnectorError) as raised:
        await Subscriptions(graph).subscribe(replace(access, wanted_fields=("no_such_field", "nor_this")))

    assert raised.value.reason == "PROVIDER_REJECTED"


async def test_facebook_out_of_reach_is_unavailable(access: PageAccess) -> None:
    async with GraphClient("http://127.0.0.1:1") as unreachable:
        with pytest.raises(ConnectorError) as raised:
            await Subscriptions(unreachable).subscribe(access)

    assert raised.value.reason == "PROVIDER_UNAVAILABLE"


async def test_errors_hold_no_secret(graph: GraphClient, access: PageAccess) -> None:
    wrong = replace(access, secrets=Secrets(page_access_token="canary-wrong", app_secrets=("canary-secret",)))

    with pytest.raises(ConnectorError) as raised:
        await Subscriptions(graph).subscribe(wrong)

    assert "canary" not in f"{raised.value} {raised.value.metadata}"
