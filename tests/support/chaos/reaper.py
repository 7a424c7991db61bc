"""The reaper: SIGKILL to one process after the other, each started again a moment later.

A process is killed at a random moment while it works, because a kill that hits no work proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from tests.support.chaos.chance import Chance
from tests.support.chaos.fleet import Fleet, Member, Role
from tests.support.chaos.in_flight import Flight
from tests.support.chaos.journal import now

BETWEEN_KILLS_S = (0.2, 1.5)
"""From the moment at which the next victim works, or the last one died."""

DOWN_S = (0.0, 1.0)
"""How long a process is left dead."""

SHARES: Mapping[Role, float] = MappingProxyType({Role.SERVER: 0.4, Role.GATEWAY: 0.25, Role.CONSUMER: 0.35})
"""How often each kind of process is killed."""

BLIND = 0.05
"""Share of the kills at any moment, be there work or not, in a run long enough that they weigh little."""

WORK_WITHIN_S = 40.0
"""A process that gets no work for so long is killed for nothing; a client stays away from a server for up to 30 s."""

SOON_S: Mapping[Role, tuple[float, float]] = MappingProxyType(
    {Role.SERVER: (0.0, 0.1), Role.GATEWAY: (0.0, 0.002), Role.CONSUMER: (0.0, 0.1)}
)
"""How soon after it got something to do a process is killed: within the time that it takes on a fast machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaper:
    """Kills `kills` times. Which process, and after how long, depends on the seed alone."""

    fleet: Fleet
    flight: Flight
    """What every process works on; kept up by whoever runs the fleet."""
    chance: Chance
    kills: int
    blind: float = BLIND

    async def run(self) -> None:
        """Returns when everything works again after the last kill. Raises as `Member.start` does."""
        async with asyncio.TaskGroup() as starts:
            for number in range(1, self.kills + 1):
                victim = self._victim(number)
                await victim.up.wait()
                await asyncio.sleep(self.chance.between(*BETWEEN_KILLS_S, "moment", number))
                if not self.chance.happens(self.blind, "blind", number):
                    await self._work_of(victim, number)
                await victim.kill()
                starts.create_task(self._start_again(victim, number), name=f"{victim.name} start")

    async def _work_of(self, victim: Member, number: int) -> None:
        """Returns at a moment at which the process has work, or when it gets none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WORK_WITHIN_S):
                while True:
                    await victim.gets_work()
                    await asyncio.sleep(self.chance.between(*SOON_S[victim.role], "soon", number))
                    # It may be done with it by now: the product gets faster.
                    if self.flight.hit(victim.name, now()).in_flight:
                        return

    def _victim(self, number: int) -> Member:
        members = self.fleet.members
        of_role = {role: sum(member.role is role for member in members) for role in Role}
        weights = {index: SHARES[member.role] / of_role[member.role] for index, member in enumerate(members)}
        return members[self.chance.pick(weights, "victim", number)]

    async def _start_again(self, victim: Member, number: int) -> None:
        await asyncio.sleep(self.chance.between(*DOWN_S, "down", number))
        await victim.start()
