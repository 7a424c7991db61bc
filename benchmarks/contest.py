"""Compares fairly on a machine that is never quiet: all contenders take turns, and medians are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from benchmarks.bench import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one run came to."""

    value: float
    cores: Mapping[str, float] = field(default_factory=dict)
    """How many cores each process kept busy meanwhile, by name."""


class Run(Protocol):
    """One contender."""

    @property
    def processes(self) -> Mapping[str, int]:
        """Those that are measured, by name."""
        ...

    async def __call__(self) -> Sample:
        """Runs once."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """All runs of one contender."""

    samples: tuple[Sample, ...]

    @property
    def value(self) -> float:
        """The median."""
        return median(sample.value for sample in self.samples)

    @property
    def spread(self) -> float:
        """The range of all runs, as a share of the median."""
        values = [sample.value for sample in self.samples]
        return (max(values) - min(values)) / self.value if self.value else 0.0

    @property
    def cores(self) -> dict[str, float]:
        """The median for each process."""
        names = dict.fromkeys(name for sample in self.samples for name in sample.cores)
        return {name: median(sample.cores.get(name, 0.0) for sample in self.samples) for name in names}


async def contest(bench: Bench, contenders: Mapping[str, Run]) -> dict[str, Outcome]:
    """Lets each run once in every round: what else the machine does meets all of them.

    A profiler looks at one more round, which does not count.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for _ in range(bench.extent.rounds):
        for name, run in contenders.items():
            samples[name].append(await run())
    if bench.profiler is not None:
        for name, run in contenders.items():
            async with bench.profiler.watching(f"{bench.folder.name} {name}", run.processes):
                await run()
    return {name: Outcome(tuple(found)) for name, found in samples.items()}
