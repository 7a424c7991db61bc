"""An outbound run: replies to many customers, a Facebook that fails often, and a server that is killed again and again.

Everything that customers saw stands in the journal of the sandbox, which nobody kills. By that, and by the final state
of each reply, the run is judged.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from expertflow.connector.v1.outbound_pb2 import SendState
from messenger_sandbox import Person, Sandbox
from messenger_sandbox.app import RunningSandbox
from messenger_sandbox.fault_script import ALWAYS, ScriptedFault
from messenger_sandbox.faults import FAULTS, Stage
from messenger_sandbox.faults import Fault as SandboxFault
from messenger_sandbox.journal import EntryKind, Filter
from tests.support.channels import PAGE_ID, add_channel, sandbox_config
from tests.support.chaos.chance import Chance
from tests.support.chaos.conduct import psid
from tests.support.chaos.fleet import RELEASED, Fleet, FleetPlan, Layout, Programs, assemble
from tests.support.chaos.journal import Journal, Said, now
from tests.support.chaos.replies import Replies
from tests.support.chaos.run import JOURNAL
from tests.support.chaos.seen import Fault, Wrong, judge_replies, seen_by_customers

FAULTY = 0.2
"""Share of the sends that go wrong."""

WRONGS = ("temporary", "reset", "reset_after_taken", "server_error", "server_error_after_taken", "echo_first")
"""In equal shares: refused, not taken, and taken although the answer says or shows nothing of it."""

SILENT = {"silence": 60, "silence_after_taken": 45}
"""Time-outs: each so many sends. They are few, because each holds its conversation for half a minute and more."""

SLOW = SandboxFault(stage=Stage.AFTER_TAKEN, delay_s=0.3)
"""No fault: the answer takes a while, so that a kill hits calls whose message is taken already."""

SLOW_SHARE = 0.3

LATE_ECHOES = 0.5
"""Share of the echoes that come 2 s late, so that not they but the server's own notes say what was on its way."""

LATER_S = (0.0, 0.3)
"""From the moment at which it is a kill's turn; if no call is under way then, it waits for the next one."""

SOON_S = (0.0, 0.02)
"""From the beginning of a call that a kill waited for: less than the server takes for it, mostly."""

DOWN_S = (0.0, 1.0)

ENOUGH_IN_FLIGHT = 0.8

SHOWN = 20

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundPlan:
    """What is to be run."""

    database: Mapping[str, str]
    engine: str
    kills: int
    conversations: int
    each: int
    """Replies of a conversation."""
    seed: int
    folder: Path
    programs: Programs = RELEASED
    until: Wrong | None = None
    """Ends the run as soon as this is seen."""
    longest_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundOutcome:
    """What a run showed."""

    plan: OutboundPlan
    faults: tuple[Fault, ...]
    states: Mapping[str, int]
    """How many replies ended in which state."""
    pending_at_kill: tuple[int, ...]
    """Calls under way at each kill."""
    injected: int
    """Sends that went wrong."""
    sends: int
    seconds: float
    trouble: str

    @property
    def in_flight(self) -> float:
        """Share of the kills that hit work."""
        hits = sum(pending > 0 for pending in self.pending_at_kill)
        return hits / len(self.pending_at_kill) if self.pending_at_kill else 0.0

    def count(self, wrong: Wrong) -> int:
        return sum(fault.wrong is wrong for fault in self.faults)

    def __str__(self) -> str:
        states = ", ".join(f"{count} {name}" for name, count in sorted(self.states.items()))
        wrongs = ", ".join(f"{self.count(wrong)} {wrong.name.lower().replace('_', ' ')}" for wrong in Wrong)
        return (
            f"chaos outbound {self.plan.engine}: {len(self.pending_at_kill)} kills ({self.in_flight:.0%} in flight),"
            f" {self.plan.conversations * self.plan.each} replies over {self.plan.conversations} conversations,"
            f" {self.sends} sends of which {self.injected} went wrong, {states}; {wrongs},"
            f" {self.seconds:.0f} s, seed {self.plan.seed}"
        )

    def as_json(self) -> dict[str, Any]:
        """Everything there is to know about the run, for `--json`."""
        return {
            "line": str(self),
            "passed": not self.complaints(),
            "trouble": self.trouble,
            "states": dict(self.states),
            "pending_at_kill": self.pending_at_kill,
            "sends": self.sends,
            "injected": self.injected,
            "violations": list(map(str, self.faults)),
        }

    def complaints(self) -> list[str]:
        """Why the run has not passed; empty if it has."""
        found = [str(fault) for fault in self.faults[:SHOWN]]
        if (more := len(self.faults) - SHOWN) > 0:
            found.append(f"and {more} more")
        if self.trouble:
            found.append(self.trouble)
        if self.in_flight < ENOUGH_IN_FLIGHT:
            found.append(
                f"only {self.in_flight:.0%} of the kills hit work in flight, {ENOUGH_IN_FLIGHT:.0%} are needed"
            )
        return found


async def run_outbound(plan: OutboundPlan, tell: Callable[[str], None] = lambda _: None) -> OutboundOutcome:
    """Runs, and judges whatever happened."""
    began = now()
    people = tuple(Person(psid=psid(number), page_id=PAGE_ID) for number in range(1, plan.conversations + 1))
    config = replace(sandbox_config(), people=people)
    async with Sandbox(config).serve() as facebook:
        course = _Course(plan, facebook, tell)
        states, trouble = await course.run()
        entries = facebook.journal.entries(Filter(kind=EntryKind.SEND_ANSWERED))
        taken = facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
        _keep(plan.folder / JOURNAL, facebook)
    return OutboundOutcome(
        plan=plan,
        faults=tuple(judge_replies(course.replies.all, seen_by_customers(taken), states)),
        states=Counter(SendState.Name(state).removeprefix("SEND_STATE_") for state in states.values()),
        pending_at_kill=tuple(course.pending_at_kill),
        injected=sum(entry.details.get("fault") not in {None, "slow answer"} for entry in entries),
        sends=len(entries),
        seconds=now() - began,
        trouble=trouble,
    )


def _keep(path: Path, facebook: RunningSandbox) -> None:
    """Keeps what was asked and answered, and what customers saw, as lines of JSON."""
    lines = (json.dumps(entry.as_json()) for entry in facebook.journal.entries())
    path.write_text("".join(f"{line}\n" for line in lines))


class _Course:
    """The course of events."""

    def __init__(self, plan: OutboundPlan, facebook: RunningSandbox, tell: Callable[[str], None]) -> None:
        self._plan = plan
        self._facebook = facebook
        self._tell = tell
        self._chance = Chance(plan.seed)
        self._fleet: Fleet = assemble(
            FleetPlan(
                layout=Layout(pairs=1, consumers=()),
                folder=plan.folder,
                database=plan.database,
                graph_url=facebook.base_url,
                seed=plan.seed,
                programs=plan.programs,
            ),
            Journal(),
        )
        self.replies = Replies(
            server=self._fleet.servers[0].command.settings["listen"],
            chance=self._chance,
            conversations=plan.conversations,
            each=plan.each,
        )
        self.pending_at_kill: list[int] = []

    async def run(self) -> tuple[Mapping[Said, SendState], str]:
        """The final states of the replies, and why the run did not come to its end, if so."""
        running = asyncio.create_task(self._whole(), name="course")
        seen = asyncio.create_task(self._seen(), name="until")
        try:
            await asyncio.wait({running, seen}, timeout=self._plan.longest_s, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result(), ""
            if seen.done():
                return {}, f"it was to end at the first {seen.result().name}"
            return {}, f"it did not come to its end within {self._plan.longest_s:.0f} s"
        finally:
            for task in (running, seen):
                task.cancel()
            await asyncio.gather(running, seen, return_exceptions=True)
            await self._fleet.end()

    async def _whole(self) -> Mapping[Said, SendState]:
        (server,), (gateway,) = self._fleet.servers, self._fleet.gateways
        await server.start()
        await gateway.start()
        await add_channel(self.replies.server)
        self._facebook.state.world.change_app(callback_url=self._fleet.webhook_urls[gateway.name])
        for number in range(1, self._plan.conversations + 1):
            self._facebook.person(psid(number)).says("Hello?")
        for fault in faults(self._plan.seed):
            self._facebook.script_fault(fault)
        async with asyncio.TaskGroup() as course:
            course.create_task(self.replies.send(), name="replies")
            course.create_task(self._reap(), name="reaper")
        self._tell(f"{self._plan.engine}: all replies are accepted; waiting until each is final")
        return {said: message.state for said, message in (await self.replies.outcomes()).items()}

    async def _reap(self) -> None:
        (server,) = self._fleet.servers
        total = self._plan.conversations * self._plan.each
        for number in range(1, self._plan.kills + 1):
            await self.replies.until_accepted(total * (number - 1) // self._plan.kills)
            await asyncio.sleep(self._chance.between(*LATER_S, "later", number))
            while not self.replies.busy:
                await self.replies.until_busy()
                await asyncio.sleep(self._chance.between(*SOON_S, "soon", number))
            self.pending_at_kill.append(len(self.replies.pending))
            await server.kill()
            self._tell(f"{self._plan.engine}: kill {number}, {len(self.replies.accepted)} of {total} replies accepted")
            await asyncio.sleep(self._chance.between(*DOWN_S, "down", number))
            await server.start()

    async def _seen(self) -> Wrong:
        """Returns when what the plan waits for is seen; only what shows before the end is to be asked for."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            taken = self._facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
            found = judge_replies(self.replies.all, seen_by_customers(taken), {})
            if self._plan.until is not None and any(fault.wrong is self._plan.until for fault in found):
                return self._plan.until


def faults(seed: int) -> Sequence[ScriptedFault]:
    """A fifth of the sends goes wrong; of the rest some are answered late."""
    chance, share, left, rules = Chance(seed), FAULTY / len(WRONGS), 1.0, []
    for name in WRONGS:
        drawn = int(chance.number("fault", name) * 2**31)
        # Of what the rules before it have left, so that each gets the same share of all.
        rules.append(ScriptedFault(name=name, fault=FAULTS[name], probability=share / left, seed=drawn, times=ALWAYS))
        left -= share
    silent = [ScriptedFault(name=name, fault=FAULTS[name], nth=nth, times=3) for name, nth in SILENT.items()]
    slow = ScriptedFault(name="slow answer", fault=SLOW, probability=SLOW_SHARE, seed=seed, times=ALWAYS)
    late = ScriptedFault(
        name="webhook_late",
        fault=FAULTS["webhook_late"],
        event="echo",
        probability=LATE_ECHOES,
        seed=seed,
        times=ALWAYS,
    )
    return [*silent, *rules, slow, late]
