"""How much is measured: how long each run of load lasts, and how often each is repeated."""

from __future__ import annotations

from dataclasses import dataclass

MANY = 64
"""Conversations from which on nothing waits for its predecessor to be acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Of a whole run of the benchmark."""

    run_s: int
    """Of load at full speed; whole seconds, because wrk takes no others."""
    rounds: int
    """How often all that is compared takes its turn."""
    conversations: tuple[int, ...]
    """In how many customers write."""
    in_flight: tuple[int, ...]
    """How many replies at a time."""
    open_loop_s: int
    """Of load at a fixed rate."""
    settle_s: float
    """After which a process that has nothing to do is called idle."""
    starts: int
    frameworks: bool
    """Whether those for Node are installed and measured."""
    backlogs: tuple[int, ...]
    """Events that wait when a server starts."""
    drained: int
    """Of these, with each of `rounds` starts and one for a profiler; all together fewer than the smallest backlog."""
    unread_s: float
    """How long a client that reads nothing is watched."""
    micro_s: float
    """For each small piece of code."""


FULL = Extent(
    run_s=2,
    rounds=5,
    conversations=(1, 4, MANY, 10_000),
    in_flight=(1, 16, 64),
    open_loop_s=5,
    settle_s=5.0,
    starts=5,
    frameworks=True,
    backlogs=(10_000,),
    drained=1_500,
    unread_s=10.0,
    micro_s=1.0,
)

QUICK = Extent(
    run_s=1,
    rounds=1,
    conversations=(MANY,),
    in_flight=(16,),
    open_loop_s=1,
    settle_s=0.5,
    starts=1,
    frameworks=False,
    backlogs=(1_000,),
    drained=400,
    unread_s=1.0,
    micro_s=0.02,
)
"""Shows that everything works; its figures say little."""

MILLION = 1_000_000
"""The long backlog, which only `--million` asks for: it takes minutes to fill."""
