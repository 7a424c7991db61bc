"""One run: a fleet on one engine, customers who write all the time, and a reaper; judged when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from messenger_sandbox import Sandbox
from tests.support.channels import add_channel, sandbox_config
from tests.support.chaos.chance import Chance
from tests.support.chaos.customers import Customers
from tests.support.chaos.fleet import LAYOUTS, RELEASED, Fleet, FleetPlan, Programs, assemble
from tests.support.chaos.in_flight import Flight, Hit, hits
from tests.support.chaos.journal import Journal, now
from tests.support.chaos.oracle import Broken, Verdict, judge
from tests.support.chaos.progress import Progress
from tests.support.chaos.reaper import BLIND, Reaper

KILL_S = 10.0
"""What a kill may cost in time, the restart included; far more than it does."""

SETTLE_S = 180.0
"""What starting at the beginning and settling at the end may take."""

TELL_EVERY_S = 10.0

LOOK_EVERY_S = 1.0

JOURNAL = "journal.jsonl"
"""The file in a run's folder that holds all records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run."""

    engine: str
    """`sqlite` or `postgresql`."""
    database: Mapping[str, str]
    """The settings that name the database."""
    kills: int
    seed: int
    folder: Path
    """Empty; gets the logs and, for SQLite, the data."""
    programs: Programs = RELEASED
    until: Broken | None = None
    """Ends the run as soon as this is seen."""
    blind: float = BLIND
    """Share of the kills at any moment; in a run of few kills two of them would be too many that hit nothing."""

    @property
    def longest_s(self) -> float:
        """When the run is given up."""
        return SETTLE_S + self.kills * KILL_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run showed."""

    plan: Plan
    verdict: Verdict
    hits: tuple[Hit, ...]
    seconds: float
    trouble: str
    """Why the run did not come to its end; empty if it did."""


async def run(plan: Plan, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Runs, and judges whatever happened; `tell` gets a line about the progress now and then."""
    progress, journal = Progress(), Journal()
    began = now()
    async with Sandbox(sandbox_config()).serve() as facebook:
        fleet = assemble(
            FleetPlan(
                layout=LAYOUTS[plan.engine],
                folder=plan.folder,
                database=plan.database,
                graph_url=facebook.base_url,
                seed=plan.seed,
                programs=plan.programs,
            ),
            journal,
        )
        journal.show(progress.watch)
        journal.show(fleet.watch)
        flight = Flight(fleet.server_of)
        journal.show(flight.take)
        telling = asyncio.create_task(_tell(plan, progress, tell), name="progress")
        try:
            trouble = await _guarded(plan, fleet, journal, _Course(plan, fleet, journal, progress, flight).run())
        finally:
            telling.cancel()
            await fleet.end()
    records = list(journal)
    journal.write(plan.folder / JOURNAL)
    return Outcome(
        plan=plan,
        verdict=judge(records),
        hits=tuple(hits(records, fleet.server_of)),
        seconds=now() - began,
        trouble=trouble,
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """The course of events."""

    plan: Plan
    fleet: Fleet
    journal: Journal
    progress: Progress
    flight: Flight

    async def run(self) -> None:
        """Returns when everything that was said is acknowledged."""
        for member in (*self.fleet.servers, *self.fleet.gateways):
            await member.start()
        await add_channel(self.fleet.servers[0].command.settings["listen"])
        chance = Chance(self.plan.seed)
        customers = Customers(
            chance=chance,
            journal=self.journal,
            progress=self.progress,
            gateways=self.fleet.webhook_urls,
        )

        async with asyncio.TaskGroup() as course:
            course.create_task(customers.talk(), name="customers")
            await asyncio.gather(*(consumer.start() for consumer in self.fleet.consumers))
            await self._reaper(chance).run()
            customers.say_goodbye()

    def _reaper(self, chance: Chance) -> Reaper:
        return Reaper(fleet=self.fleet, flight=self.flight, chance=chance, kills=self.plan.kills, blind=self.plan.blind)


async def _guarded(plan: Plan, fleet: Fleet, journal: Journal, course: Coroutine[None, None, None]) -> str:
    """Carries the course through, unless something ends it before; what that was, if anything."""
    running = asyncio.create_task(course, name="course")
    death = asyncio.create_task(fleet.death(), name="deaths")
    seen = asyncio.create_task(_seen(plan.until, journal), name="until")
    tasks = (running, death, seen)
    try:
        await asyncio.wait(tasks, timeout=plan.longest_s, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            error = running.exception()
            return "" if error is None else f"it broke off: {_innermost(error)!r}"
        if death.done():
            return f"{death.result()} ended and nobody had killed it"
        if seen.done():
            return f"it was to end at the first {seen.result().name}"
        return f"it did not come to its end within {plan.longest_s:.0f} s"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _seen(broken: Broken | None, journal: Journal) -> Broken:
    """Returns when the promise is broken; what has not had its time yet counts as lost, so that is not to be asked."""
    while broken is None or not judge(journal).count(broken):  # noqa: ASYNC110 - to judge at each record is too dear
        await asyncio.sleep(LOOK_EVERY_S)
    return broken


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _tell(plan: Plan, progress: Progress, tell: Callable[[str], None]) -> None:
    began = now()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        tell(f"{plan.engine}: {now() - began:.0f} s, {progress}")
