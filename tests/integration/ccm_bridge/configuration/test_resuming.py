"""A new page token in Unified Admin sets a channel going that Facebook had stopped."""

from __future__ import annotations

import io

from connector_client import ConnectorClient, SendState, text_message
from facebook_connector.app import RunningServer
from messenger_sandbox import EntryKind, Filter, RunningSandbox
from tests.integration.ccm_bridge.configuration.conftest import EVERYTHING, Place
from tests.support.sandbox_world import PAGE_ID, PSID

NEW_TOKEN = "canary-new-page-token"


def texts(facebook: RunningSandbox) -> list[str]:
    taken = facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
    return [str(entry.details["text"]) for entry in taken]


async def test_replies_that_waited_for_a_dead_token_go_out_after_the_push(
    place: Place, server: RunningServer, facebook: RunningSandbox, log: io.StringIO
) -> None:
    await place.push(EVERYTHING)
    await facebook.person(PSID).says("hello")
    facebook.world.change_page(PAGE_ID, token=NEW_TOKEN)
    replies = [text_message(PAGE_ID, PSID, f"reply {number}") for number in range(5)]
    async with ConnectorClient(str(server.address)) as ccm:
        for reply in replies:
            await ccm.send(reply, wait=0)
        stopped = await place.until_state("STOPPED")
        assert "token" in stopped.state_reason
        assert texts(facebook) == []

        answer = await place.push({**EVERYTHING, "FACEBOOK-API-KEY": NEW_TOKEN})

        assert answer.status_code == 200
        (told,) = answer.json()["configurations"]
        assert (told["channel"], told["resumed"], told["state"]) == ("updated", True, "ACTIVE")
        states = [SendState((await ccm.send(reply, wait=20)).state) for reply in replies]
    assert states == [SendState.SENT] * 5
    assert texts(facebook) == [f"reply {number}" for number in range(5)]
    assert '"resumed": true' in log.getvalue()


async def test_a_masked_token_does_not(place: Place, server: RunningServer, facebook: RunningSandbox) -> None:
    await place.push(EVERYTHING)
    facebook.world.change_page(PAGE_ID, token=NEW_TOKEN)
    async with ConnectorClient(str(server.address)) as ccm:
        await ccm.send(text_message(PAGE_ID, PSID, "reply"), wait=0)
        before = await place.until_state("STOPPED")

    (told,) = (await place.push({"FACEBOOK-API-KEY": "**********"})).json()["configurations"]

    assert (told["channel"], told["resumed"], told["state"]) == ("unchanged", False, "STOPPED")
    assert await place.channel() == before
