from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facebook_connector.sending.values import OutboundDetails
from messenger_sandbox.faults import Fault, Stage
from tests.support.outbox_world import FAST, MORE_PEOPLE, OutboxWorld, text_message

PEOPLE = MORE_PEOPLE[:10]
MESSAGES = 8
CRASHES = 4
FAULTS = ("server_error", "server_error_after_taken", "empty_success", "temporary", "unreachable", "bad_gateway")
SEED = 20261123


async def test_crashes_and_faults_neither_double_nor_swap_a_message(quiet: OutboxWorld) -> None:
    """By Facebook's journal each customer sees each message at most once and in order, and every state is true."""
    draws = random.Random(SEED)
    await accept_all(quiet)
    for psid, fault in zip(draws.sample(PEOPLE, k=len(FAULTS)), FAULTS, strict=True):
        quiet.facebook.script_fault(fault, psid=psid)
    async with echoes(quiet):
        for crash in range(CRASHES):
            for psid in PEOPLE:
                quiet.facebook.script_fault(Fault(stage=Stage.AFTER_TAKEN, delay_s=0.05), psid=psid, times=2)
            async with quiet.running(f"server-{crash}", crash=True):
                await quiet.until_taken(len(quiet.taken()) + draws.randint(1, len(PEOPLE)))
            # Where there may be other servers, the page is free only when the dead one's lease has ended.
            quiet.clock.shift_ms += FAST.lease_ms
        async with quiet.running("server-last") as outbox:
            quiet.outbox = outbox
            messages = await all_closed(quiet)
    assert_journal_agrees(quiet, messages)
    in_flight = [name for name, message in messages.items() if "stopped before it saw" in f"{message.history}"]
    assert len(in_flight) >= CRASHES, "the crashes must hit calls on their way"


def assert_journal_agrees(world: OutboxWorld, messages: dict[str, OutboundDetails]) -> None:
    for psid in PEOPLE:
        seen = [str(entry.details["text"]) for entry in world.taken(psid)]
        sent = [name for name in names(psid) if messages[name].status.state == "SENT"]
        assert seen == sent, f"seed {SEED}"
    assert {message.status.state for message in messages.values()} <= {"SENT", "FAILED", "UNCERTAIN"}


def names(psid: str) -> list[str]:
    return [f"{psid}-{number}" for number in range(MESSAGES)]


async def accept_all(world: OutboxWorld) -> None:
    """Every message to everybody, while nothing may go out."""
    await world.stop_channel()
    async with world.running("server-accepting") as outbox:
        world.outbox = outbox
        for number in range(MESSAGES):
            wave = [text_message(names(psid)[number], names(psid)[number], psid=psid) for psid in PEOPLE]
            await asyncio.gather(*(world.send(message, wait_ms=0) for message in wave))
    await world.set_page_token()


async def all_closed(world: OutboxWorld) -> dict[str, OutboundDetails]:
    for _ in range(400):
        messages = {name: await world.get(name) for psid in PEOPLE for name in names(psid)}
        if not any(message.status.open for message in messages.values()):
            return messages
        await asyncio.sleep(0.05)
        # Nothing but time settles the messages that Facebook did not take.
        world.clock.shift_ms += 5_000
    raise AssertionError("messages are still open")


@asynccontextmanager
async def echoes(world: OutboxWorld) -> AsyncIterator[None]:
    """Hands over the echo of whatever Facebook takes, a little later."""

    async def hand_over() -> None:
        done = 0
        while True:
            for entry in world.taken()[done:]:
                await world.echo(entry)
                done += 1
            await asyncio.sleep(0.05)

    task = asyncio.create_task(hand_over(), name="echoes")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
