"""The processes of a run: servers, gateways and consumers, each to be killed and started again."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from tests.support.chaos.consumer import Setting
from tests.support.chaos.journal import AnyRecord, Delivered, Journal, Killed, Posted, Ready, Started, now, read_line
from tests.support.processes import COMMAND, Command, free_port, is_ready, serves

START_WITHIN_S = 60.0
"""How long a process may take until it works; a busy machine takes its time."""

QUIET_S = 5.0
"""A consumer that gets nothing for so long is taken to be at work: others may hold all conversations."""

HOST = "127.0.0.1"


class Role(Enum):
    """What a process is."""

    SERVER = "server"
    GATEWAY = "gateway"
    CONSUMER = "ccm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How many of which; gateway n hands over to server n."""

    pairs: int
    """Of a server and a gateway."""
    consumers: tuple[str, ...]
    """Their kinds; see `ccm`."""


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "sqlite": Layout(pairs=1, consumers=("client", "stub")),
        "postgresql": Layout(pairs=2, consumers=("client", "stub", "client")),
    }
)
"""By engine: an SQLite database serves one server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """What is run as server and gateway; a test may put one in that breaks a promise."""

    server: Sequence[str | Path] = (COMMAND, "server")
    gateway: Sequence[str | Path] = (COMMAND, "gateway")


RELEASED = Programs()
"""The product as it is."""


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """One process over all its lives."""

    name: str
    role: Role
    command: Command
    works: Callable[[Member], Awaitable[None]]
    """Returns when the process works."""
    journal: Journal
    begin_life: Callable[[int], None] = lambda _: None
    """Told the number of each life, from 1, before it begins."""
    lives: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the process works."""
    working: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it gets something to do; see `Fleet.watch`."""
    died: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it ended and nobody had killed it."""
    _watching: asyncio.Task[None] | None = None
    _doomed: bool = False

    async def start(self) -> None:
        """Begins a life; returns when the process works. Raises TimeoutError if it does not in time."""
        self.lives += 1
        self.begin_life(self.lives)
        self._doomed = False
        self.journal.add(Started(at=now(), process=self.name))
        await self.command.start(piped=self.role is Role.CONSUMER)
        self._watching = asyncio.create_task(self._watch(), name=f"{self.name} watch")
        async with asyncio.timeout(START_WITHIN_S):
            await self.works(self)
        self.up.set()
        self.journal.add(Ready(at=now(), process=self.name))

    async def gets_work(self) -> None:
        """Returns when it gets the next thing to do."""
        self.working.clear()
        await self.working.wait()

    async def kill(self) -> None:
        """SIGKILL, noted in the journal. Returns when all that the process had said stands there, too."""
        self.journal.add(Killed(at=now(), process=self.name))
        await self.end()

    async def end(self) -> None:
        """SIGKILL, if it lives."""
        self.up.clear()
        self._doomed = True
        if self.command.process is not None:
            with suppress(ProcessLookupError):
                self.command.process.send_signal(signal.SIGKILL)
        if self._watching is not None:
            # A run that ends while the reaper waits here must not end the watch with it: it is waited for once more.
            await asyncio.shield(self._watching)

    async def _watch(self) -> None:
        process = self.command.process
        assert process is not None
        if process.stdout is not None:
            # The last line of a killed process is whole: a pipe takes short lines at once or not at all.
            async for line in process.stdout:
                self.journal.add(read_line(line))
        await process.wait()
        if not self._doomed:
            self.up.clear()
            self.died.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All processes of a run."""

    servers: tuple[Member, ...]
    gateways: tuple[Member, ...]
    consumers: tuple[Member, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """All of them, those first that others need."""
        return self.servers + self.gateways + self.consumers

    @property
    def webhook_urls(self) -> dict[str, str]:
        """Where each gateway takes webhooks."""
        return {member.name: f"http://{member.command.settings['gateway_listen']}/webhook" for member in self.gateways}

    @property
    def server_of(self) -> dict[str, str]:
        """The server that each gateway hands over to."""
        return {gateway.name: server.name for gateway, server in zip(self.gateways, self.servers, strict=True)}

    def watch(self, record: AnyRecord) -> None:
        """Sees who gets work: a gateway a webhook, a consumer and its server a message that has to be acknowledged."""
        match record:
            case Posted():
                at_work = {record.gateway}
            case Delivered():
                at_work = {record.consumer, record.server}
            case _:
                return
        for member in self.members:
            if member.name in at_work:
                member.working.set()

    async def death(self) -> str:
        """Returns when a process ended that nobody had killed: its name."""
        waits = {asyncio.create_task(member.died.wait()): member.name for member in self.members}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for wait in waits:
                wait.cancel()

    async def end(self) -> None:
        """Kills whatever still runs, without a word in the journal."""
        for member in reversed(self.members):
            await member.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """What a fleet is made of."""

    layout: Layout
    folder: Path
    database: Mapping[str, str]
    """The settings that name the database."""
    graph_url: str
    seed: int
    programs: Programs = RELEASED


def assemble(plan: FleetPlan, journal: Journal) -> Fleet:
    """A fleet of which nothing runs yet."""
    pairs = range(1, plan.layout.pairs + 1)
    servers = tuple(_server(plan, journal, number) for number in pairs)
    gateways = tuple(
        _gateway(plan, journal, number, server.command.settings["listen"])
        for number, server in zip(pairs, servers, strict=True)
    )
    addresses = tuple((server.name, server.command.settings["listen"]) for server in servers)
    consumers = tuple(
        _consumer(plan, journal, Setting(name=f"ccm-{number}", kind=kind, seed=plan.seed, servers=addresses))
        for number, kind in enumerate(plan.layout.consumers, start=1)
    )
    return Fleet(servers=servers, gateways=gateways, consumers=consumers)


def _server(plan: FleetPlan, journal: Journal, number: int) -> Member:
    name, listen = f"server-{number}", f"{HOST}:{free_port()}"
    settings = {"listen": listen, "graph_url": plan.graph_url, **plan.database}
    command = Command(name, settings, plan.folder, program=plan.programs.server)

    async def works(_: Member) -> None:
        await serves(listen, within_s=START_WITHIN_S)

    return Member(name=name, role=Role.SERVER, command=command, works=works, journal=journal)


def _gateway(plan: FleetPlan, journal: Journal, number: int, server: str) -> Member:
    name, listen = f"gateway-{number}", f"{HOST}:{free_port()}"
    command = Command(name, {"gateway_listen": listen, "server": server}, plan.folder, program=plan.programs.gateway)

    async def works(_: Member) -> None:
        await is_ready(listen, within_s=START_WITHIN_S)

    return Member(name=name, role=Role.GATEWAY, command=command, works=works, journal=journal)


def _consumer(plan: FleetPlan, journal: Journal, setting: Setting) -> Member:
    command = Command(setting.name, {}, plan.folder)

    async def works(member: Member) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_S):
                await member.gets_work()

    def begin_life(number: int) -> None:
        told = replace(setting, life=number).as_argument()
        command.program = (sys.executable, "-m", "tests.support.chaos.ccm", told)

    return Member(
        name=setting.name, role=Role.CONSUMER, command=command, works=works, journal=journal, begin_life=begin_life
    )
