"""Operators at a terminal: subscriptions, dead letters, replays. The server's clock is in the test's hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from facebook_connector.settings import ServerSettings
from tests.support.inbound_wire import Wire, running_wire
from tests.support.poison import give_up
from tests.support.terminal import Terminal

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True)
class Desk:
    wire: Wire
    terminal: Terminal

    async def told(self, *arguments: str) -> str:
        """What a command that succeeds prints."""
        ended = await self.terminal.run(*arguments)
        assert ended.status == 0, ended
        return ended.out

    async def delivered(self, subscription: str = "ccm") -> str:
        """The next message of a subscription, acknowledged: its id and why it came."""
        async with self.wire.stream("desk", subscription=subscription) as stream:
            received = await stream.message()
            await stream.ack(received)
            await stream.results()
            return f"{received.message.id} {received.origin}"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = ServerSettings.load(
        data_dir=tmp_path / "data", listen="127.0.0.1:0", graph_url="http://127.0.0.1:1", profiles=False
    )
    async with running_wire(settings) as wire:
        yield Desk(wire, Terminal(tmp_path, {"FBC_SERVER": wire.address}))


async def test_a_subscription_is_made_listed_and_deleted(desk: Desk) -> None:
    await desk.wire.texts("m_1")
    made = await desk.told("subscriptions", "create", "archive", "--start", "earliest", "--kinds", "message")
    listed = await desk.told("subscriptions", "list")
    delivered = await desk.delivered("archive")
    again = await desk.terminal.run("subscriptions", "create", "archive")
    unasked = await desk.terminal.run("subscriptions", "delete", "archive")
    deleted = await desk.told("subscriptions", "delete", "archive", "--yes")

    assert "archive is there" in made
    assert [line.split()[:3] for line in listed.splitlines()[1:]] == [
        ["archive", "active", "message"],
        ["ccm", "active", "message,"],
    ]
    assert delivered == "cim-m_1 1"
    assert (again.status, unasked.status) == (1, 1)
    assert "subscriptions list" in again.err
    assert "--yes" in unasked.err
    assert "0 messages were not acknowledged" in deleted


async def test_dead_letters_are_looked_at_redriven_and_discarded(desk: Desk) -> None:
    await give_up(desk.wire, "a", "b")
    listed = await desk.told("dead-letters", "list")
    first, second = (line.split()[0] for line in listed.splitlines()[1:])
    shown = await desk.told("dead-letters", "show", first)
    nothing_named = await desk.terminal.run("dead-letters", "redrive")
    redriven = await desk.told("dead-letters", "redrive", first)
    delivered = await desk.delivered()
    unasked = await desk.terminal.run("dead-letters", "discard", "--all")
    discarded = json.loads(await desk.told("dead-letters", "discard", "--all", "--yes", "--json"))
    gone = await desk.terminal.run("dead-letters", "show", second)
    left = await desk.told("dead-letters", "list")

    assert "no such field" in listed
    assert "text of" not in listed
    assert "text of a" in shown
    assert (nothing_named.status, unasked.status, gone.status) == (1, 1, 1)
    assert "--all" in nothing_named.err
    assert "Discard 1 dead letter of subscription ccm?" in unasked.err
    assert "1 messages are delivered again" in redriven
    assert delivered == "cim-a 2"
    assert discarded["discarded_count"] == "1"
    assert "no such dead letters" in left


async def test_a_replay_of_one_customer_needs_no_question(desk: Desk) -> None:
    await desk.wire.texts("m_1", psid="70001")
    await desk.delivered()
    page = "104792690000001"
    replayed = await desk.told("replay", "--since", "2020-01-01T00:00", "--page", page, "--psid", "70001")
    unasked = await desk.terminal.run("replay", "--since", "2020-01-01T00:00")

    assert "1 messages are delivered again" in replayed
    assert await desk.delivered() == "cim-m_1 3"
    assert unasked.status == 1
    assert "--yes" in unasked.err
