"""The course of the demo: raise the stage, play the script, let the person at the keyboard type, count."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer
import uvloop
from rich.console import Console

from connector_cli.demo import cast, keyboard
from connector_cli.demo.cast import AMINA, Scene
from connector_cli.demo.ccm import by_stream
from connector_cli.demo.deeds import DEEDS, about, is_deed, told
from connector_cli.demo.desk import Desk
from connector_cli.demo.rest_ccm import by_rest
from connector_cli.demo.stage import Stage, raised
from connector_cli.demo.tally import Tally, event_name, names_in, posts, reply_of, seen_of, tally
from connector_cli.demo.view import View
from connector_cli.failures import failing_on
from connector_client import ConnectorError
from messenger_sandbox import Entry, EntryKind
from service_runtime import logs
from service_runtime.lifecycle import Tasks, first_of, stop_signals
from service_runtime.settings import SettingsError

SETTLE_TIMEOUT_S = 30.0
"""How long a message may take from the customer's phone to CCM's acknowledgement before the demo calls it trouble."""

FOR_EVER_S = 365 * 86_400.0

LOG_FILE = "demo.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the demo ended."""

    figures: Tally
    finished: bool
    """Whether the script was played to its end, and every message settled in time."""

    @property
    def good(self) -> bool:
        """Whether everything is as promised."""
        return self.finished and self.figures.good


def run(*, once: bool, bridge: bool, data_dir: Path | None) -> None:
    """Plays the demo. Raises `typer.Exit` with status 1 unless all is as promised, `Failure` if it cannot start."""
    view = View(Console(highlight=False, emoji=False, markup=False))
    with failing_on(SettingsError, ConnectorError, OSError), _data_folder(data_dir) as folder:
        kept = "" if data_dir else "; it is removed at the end"
        view.note(f"Data and log: {folder}{kept}")
        with (folder / LOG_FILE).open("a") as log, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            logs.configure("INFO", log)
            result = runner.run(_perform(folder, view, once=once, bridge=bridge))
    for complaint in result.figures.complaints:
        view.trouble(complaint)
    typer.echo(result.figures)
    if not result.good:
        raise typer.Exit(1)


@contextmanager
def _data_folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="facebook-connector-demo-") as folder:
            yield Path(folder)


async def _perform(folder: Path, view: View, *, once: bool, bridge: bool) -> Result:
    with stop_signals() as stop:
        # A closed terminal ends the demo as Ctrl-C does, so that its folder is removed.
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)
        async with raised(folder) as stage, Tasks() as tasks:
            desk = Desk(view, since_ms=stage.sandbox.state.clock())
            async with (by_rest if bridge else by_stream)(stage, desk, tasks):
                tasks.start("demo customers", _watch_customers(stage, view))
                play = Play(stage, desk, view)
                await first_of(stop.wait(), stage.failure(), tasks.failure(), play.course(once=once))
                entries = stage.sandbox.journal.entries()
                figures = tally(entries, desk.acknowledged, seen_of(entries, desk.accepted))
                return Result(figures=figures, finished=play.finished)


class Play:
    """Moves the customers."""

    def __init__(self, stage: Stage, desk: Desk, view: View) -> None:
        self._sandbox = stage.sandbox
        self._desk = desk
        self._view = view
        self._gateway_url = stage.gateway.url
        self.finished = False
        """Whether all went as it should so far."""

    async def course(self, *, once: bool) -> None:
        """The script, then what is typed."""
        self._view.note(f"Facebook (sandbox) {self._sandbox.base_url}, gateway {self._gateway_url}/webhook")
        self._view.heading()
        # Not a generator: after a scene that went wrong the others are played all the same.
        self.finished = all([await self._play(scene) for scene in cast.SCENES])
        if not once:
            await self._listen()

    async def _play(self, scene: Scene) -> bool:
        self._view.caption(scene.caption)
        if scene.twice:
            self._sandbox.sender.hold()
        done = [DEEDS[act.deed](self._sandbox, act) for act in scene.acts]
        if scene.twice:
            self._sandbox.sender.release([0, 0])
        settled = await self._settled()
        if scene.twice and (mid := done[0].mid) is not None:
            posted = sum(mid in names_in(entry) for entry in posts(self._sandbox.journal.entries()))
            self._view.note(
                f"Facebook posted it {posted} times; the contact centre got it {self._desk.received[mid]} time"
            )
        await self._view.let_read()
        return settled

    async def _listen(self) -> None:
        self._view.caption(f"Your turn: type as {AMINA.first_name}; Enter sends, Ctrl-D ends")
        customer = self._sandbox.person(AMINA.psid)
        async for text in keyboard.lines():
            if text.strip():
                customer.says(text)
                self.finished &= await self._settled()

    async def _settled(self) -> bool:
        """Waits until CCM acknowledged all that customers did, they see its answers, and Facebook has no more."""
        try:
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                while not self._done() <= self._desk.acknowledged:
                    self._desk.progress.clear()
                    await self._desk.progress.wait()
                for reply in sorted(self._desk.accepted):
                    await self._sandbox.journal.wait_for(partial(_is_of, reply), timeout_s=SETTLE_TIMEOUT_S)
                await self._sandbox.sender.settle()
        except TimeoutError:
            self._view.trouble(f"not settled within {SETTLE_TIMEOUT_S:g} s; {LOG_FILE} in the data folder may say why")
            return False
        return True

    def _done(self) -> set[str]:
        return {event_name(entry.mid, entry.psid) for entry in self._sandbox.journal.entries() if is_deed(entry)}


def _is_of(reply: str, entry: Entry) -> bool:
    return entry.kind is EntryKind.SEND_TAKEN and reply_of(entry) == reply


async def _watch_customers(stage: Stage, view: View) -> None:
    """Shows what happens at the customers' end, from the sandbox's journal."""
    journal, after = stage.sandbox.journal, 0
    while True:
        entry = await journal.wait_for(
            lambda entry: is_deed(entry) or entry.kind is EntryKind.SEND_TAKEN, after=after, timeout_s=FOR_EVER_S
        )
        after = entry.seq
        assert entry.psid is not None, "both kinds belong to a person"
        name = cast.PEOPLE[entry.psid].first_name
        if is_deed(entry):
            verb, text = told(item := entry.details["item"])
            view.customer_acts(name, verb, text, quoting=_text_of(stage, entry.psid, about(item)))
        else:
            view.customer_sees(
                name, entry.details["text"] or "", quoting=_text_of(stage, entry.psid, entry.details["reply_to"])
            )


def _text_of(stage: Stage, psid: str, mid: str | None) -> str:
    message = stage.sandbox.world.conversation(psid).messages.get(mid or "")
    return "" if message is None else str(message.content.get("text", ""))
