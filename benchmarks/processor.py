"""What processes cost: processor time and memory, as the kernel counts them (Linux)."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

MEGABYTE = 1_000_000

OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Of one process, in megabytes of 1 000 000 bytes."""

    resident: float
    """RSS: all its pages, also those that it shares with others."""
    proportional: float
    """PSS: of shared pages only its share."""
    peak: float
    """The highest RSS so far."""


def memory_of(process: int) -> Memory:
    """Raises FileNotFoundError when the process has ended."""
    status, rollup = _kilobytes(process, "status"), _kilobytes(process, "smaps_rollup")
    return Memory(
        resident=status["VmRSS"] * 1024 / MEGABYTE,
        proportional=rollup["Pss"] * 1024 / MEGABYTE,
        peak=status["VmHWM"] * 1024 / MEGABYTE,
    )


def cpu_s(process: int) -> float:
    """Processor time of a process with all its threads and living children; 0 once it has ended."""
    return sum(_own_cpu_s(each) for each in (process, *_children(process)))


def own_children_s() -> float:
    """Processor time of this process's children that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(slots=True)
class CpuMeter:
    """What some processes use of the processor, from its making on."""

    processes: Mapping[str, int]
    """Process ids by name."""
    _used: dict[str, float] = field(init=False)
    _busy: float = field(init=False)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._used = {name: cpu_s(process) for name, process in self.processes.items()}
        self._busy, self._begun = _busy_s(), time.monotonic()

    def cores(self, seconds: float, **known_s: float) -> dict[str, float]:
        """By name, spread over `seconds`, in which they were at work: 1.0 is one core, always busy.

        `known_s`: what further processes have used, which may have ended by now. `others` is what is left since the
        meter was made: what was not measured, and what the kernel did for nobody in particular.
        """
        used = known_s | {name: cpu_s(process) - self._used[name] for name, process in self.processes.items()}
        others = max(0.0, _busy_s() - self._busy - sum(used.values()))
        elapsed = time.monotonic() - self._begun
        return {**{name: spent / seconds for name, spent in used.items()}, OTHERS: others / elapsed}


def _busy_s() -> float:
    """Processor time of the whole machine that was not idle."""
    user, nice, system, _idle, _waiting, interrupts, soft, *_ = map(int, _first_line("/proc/stat").split()[1:])
    return (user + nice + system + interrupts + soft) / TICKS


def _first_line(file: str) -> str:
    with Path(file).open() as lines:
        return lines.readline()


def _own_cpu_s(process: int) -> float:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # The name stands in brackets and may hold anything.
    ticks = text.rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / TICKS


def _children(process: int) -> Iterator[int]:
    """A PostgreSQL works in children."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return
    yield from map(int, text.split())


def _kilobytes(process: int, file: str) -> dict[str, int]:
    lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
