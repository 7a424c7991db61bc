"""The end of a pass gives its place to a lane that waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.channels.rows import new_row
from facebook_connector.outbox.conductor import Rhythm
from facebook_connector.sending.values import MessageState
from facebook_connector.store.channels import add_channel
from messenger_sandbox.faults import Fault, Stage
from tests.support.outbox_world import FAST, MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import APP_ID, APP_SECRET, OTHER_PAGE_ID, OTHER_TOKEN, PSID

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SELDOM = replace(FAST, look_ms=60_000)
"""So that no look at the store makes good for a turn that was forgotten."""
ANA, BEN = MORE_PEOPLE[:2]


@asynccontextmanager
async def at_work(world: OutboxWorld, rhythm: Rhythm) -> AsyncIterator[None]:
    """With a slow call to `PSID` on its way."""
    world.rhythm = rhythm
    async with world.running() as outbox:
        world.outbox = outbox
        await world.send(text_message("Hello", "first"))
        world.facebook.script_fault(Fault(stage=Stage.AFTER_TAKEN, delay_s=0.3), psid=PSID)
        await world.send(text_message("slow", "slow"), wait_ms=0)
        yield


async def states(*calls: asyncio.Task[MessageState]) -> list[MessageState]:
    return [await call for call in calls]


def sending(world: OutboxWorld, message: CimMessage) -> asyncio.Task[MessageState]:
    async def send() -> MessageState:
        return (await world.send(message)).status.state

    return asyncio.create_task(send())


async def test_lanes_of_a_page_with_one_place_follow_one_another(quiet: OutboxWorld) -> None:
    async with at_work(quiet, replace(SELDOM, lanes_per_page=1)):
        calls = [sending(quiet, text_message("Hello", psid, psid=psid)) for psid in (ANA, BEN)]
        assert await states(*calls) == [MessageState.SENT] * 2


async def test_a_lane_of_another_page_gets_the_only_place_of_the_server(quiet: OutboxWorld) -> None:
    channel = Channel(page_id=OTHER_PAGE_ID, app_id=APP_ID)
    secrets = ChannelSecrets(page_access_token=OTHER_TOKEN, app_secrets=[APP_SECRET])
    row = new_row(channel, secrets, quiet.keyring, quiet.clock.now_ms())
    await quiet.database.write(lambda transaction: add_channel(transaction, row))
    message = text_message("Hello", "other")
    message.header.channel_data.service_identifier = OTHER_PAGE_ID
    async with at_work(quiet, replace(SELDOM, lanes=1)):
        # Nobody there has written to that page: the message fails, and so it had its turn.
        assert await states(sending(quiet, message)) == [MessageState.FAILED]


async def test_a_message_that_comes_during_a_pass_follows_it(quiet: OutboxWorld) -> None:
    async with at_work(quiet, SELDOM):
        assert await states(sending(quiet, text_message("Hello", "next"))) == [MessageState.SENT]


async def test_a_stop_ends_with_the_last_call_on_its_way(
    quiet: OutboxWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    async with at_work(quiet, replace(SELDOM, drain_ms=2_000)):
        pass
    assert (await quiet.log.get("slow"))[0].status.state == MessageState.SENT
    assert "cut off" not in capsys.readouterr().out
