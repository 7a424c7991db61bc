"""`send` and `messages` as an operator has them: real processes, with the sandbox as Facebook."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from messenger_sandbox import RunningSandbox, Sandbox
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.channels import ANA, PAGE_ID, add_channel, sandbox_config
from tests.support.processes import connector_processes
from tests.support.terminal import Terminal

pytestmark = pytest.mark.e2e

PICTURE = MEDIA_ROWS["jpeg"].build(b"parcel")
CAROUSEL = Path(__file__).parents[1] / "fixtures/outbound/carousel.generic/card.cim.json"


@dataclass(frozen=True, slots=True)
class Desk:
    facebook: RunningSandbox
    terminal: Terminal

    async def told(self, *arguments: str, stdin: str | None = None) -> str:
        """What a command that succeeds prints."""
        ended = await self.terminal.run(*arguments, stdin=stdin)
        assert ended.status == 0, ended
        return ended.out

    async def send(self, message_id: str, *arguments: str, stdin: str | None = None) -> str:
        return await self.told("send", PAGE_ID, ANA, "--id", message_id, *arguments, stdin=stdin)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A page that somebody has just written to."""
    async with (
        Sandbox(sandbox_config()).serve() as facebook,
        connector_processes(tmp_path, facebook.base_url) as connector,
    ):
        await add_channel(connector.server_address)
        facebook.person(ANA).says("Where is my parcel?")
        yield Desk(facebook, Terminal(tmp_path, {"FBC_SERVER": connector.server_address}))


async def test_every_kind_of_content_reaches_the_customer(desk: Desk) -> None:
    (desk.terminal.folder / "box.jpg").write_bytes(PICTURE)
    sent = [
        await desk.send("t-1", "--text", "When?", "--quick-reply", "Today=TODAY", "--quick-reply", "Tomorrow=TOMORROW"),
        await desk.send("t-2", "--image", "box.jpg"),
        await desk.send("t-3", "--sticker", "369239263222822"),
        await desk.send("t-4", "--location", "48.2082,16.3738", "--text", "We are here"),
        await desk.send(
            "t-5", "--text", "Your order", "--button", "Track=TRACK", "--button", "Shop=https://shop.example"
        ),
        await desk.send("t-6", "--typing", "on"),
        await desk.send("t-7", "--file", str(CAROUSEL)),
        await desk.send("t-8", "--file", "-", stdin='{"type": "PLAIN", "markdownText": "From stdin"}'),
        await desk.send("t-9", "--react", "😊", "--quote", "t-1"),
    ]
    taken = [entry.details for entry in desk.facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))]
    actions = [entry.details["action"] for entry in desk.facebook.journal.entries(Filter(kind=EntryKind.ACTION_TAKEN))]

    assert [line.split()[:2] for line in sent] == [["SENT", f"t-{number}"] for number in range(1, 10)]
    assert taken[0]["text"] == "When?"
    assert taken[1]["media"][0]["sha256"] == sha256(PICTURE).hexdigest()
    assert taken[-1]["text"] == "From stdin"
    assert len(taken) >= 7
    assert actions == ["typing_on", "react"]


async def test_messages_that_wait_are_shown_cancelled_and_tried_again(desk: Desk) -> None:
    desk.facebook.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)
    await desk.send("late", "--text", "It left today.", "--wait", "0")
    shown = json.loads(await desk.told("messages", "show", "late", "--json"))
    vague = await desk.terminal.run("messages", "cancel", PAGE_ID)
    unasked = await desk.terminal.run("messages", "cancel", PAGE_ID, "--origin", "bot")
    cancelled = await desk.told("messages", "cancel", PAGE_ID, "--origin", "bot", "--yes")
    failed = await desk.told("messages", "show", "late")
    undecided = await desk.terminal.run("messages", "resolve", "late", "sent")
    retried = await desk.told("messages", "retry", "late", "--ttl", "600")
    again = await desk.terminal.run("messages", "retry", "late")

    assert shown["message"]["state"] == "SEND_STATE_QUEUED"
    assert "say which" in vague.complaint
    assert "--yes" in unasked.complaint
    assert cancelled == "1 messages are cancelled\n"
    assert "CANCELLED: " in failed
    assert undecided.complaint.startswith("MESSAGE_NOT_UNCERTAIN: ")
    assert "messages show late" in undecided.complaint
    assert retried == "QUEUED late\n"
    assert again.complaint.startswith("MESSAGE_NOT_RETRYABLE: ")


async def test_what_is_unknown_is_said_so(desk: Desk) -> None:
    for command in (("show", "none"), ("retry", "none"), ("resolve", "none", "resend")):
        ended = await desk.terminal.run("messages", *command)
        assert ended.complaint.startswith("MESSAGE_NOT_FOUND: ")
