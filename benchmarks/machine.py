"""The machine that was measured on, and how fast its disk keeps a promise."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.load.generator import generator_name
from benchmarks.report.percentiles import percentile

SYNCS = 300

BLOCK = b"\0" * 4096
"""What a small commit writes."""

IN_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """As it is when the benchmark starts."""

    date: str
    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    libraries: str
    filesystem: str
    """Of the folder in which the databases are."""
    fdatasync_p50_ms: float
    fdatasync_p99_ms: float
    """For 4 KiB at the end of a file."""
    load: tuple[float, float, float]
    """Over 1, 5 and 15 minutes."""
    generator: str

    def lines(self) -> Iterator[str]:
        """As the report shows it."""
        yield f"{self.date}, {self.cores} cores of {self.processor}, {self.memory_gb:.0f} GB, {self.system}"
        yield f"{self.python}, {self.libraries}"
        yield f"load before {' '.join(f'{load:.2f}' for load in self.load)}; webhooks by {self.generator}"
        sync = f"fdatasync of 4 KiB {self.fdatasync_p50_ms:.2f} ms (p99 {self.fdatasync_p99_ms:.2f} ms)"
        yield f"databases on {self.filesystem}, {sync}"
        if self.filesystem in IN_MEMORY:
            yield f"**{self.filesystem} keeps nothing: set TMPDIR to a folder on a disk**"


def this_machine(folder: Path) -> Machine:
    """Looks at the machine and tries its disk in `folder`."""
    syncs = list(_syncs_ms(folder))
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries=", ".join((f"SQLite {sqlite3.sqlite_version}", *_versions())),
        filesystem=filesystem_of(folder.resolve(), Path("/proc/mounts").read_text()),
        fdatasync_p50_ms=percentile(syncs, 50),
        fdatasync_p99_ms=percentile(syncs, 99),
        load=os.getloadavg(),
        generator=generator_name(),
    )


def _syncs_ms(folder: Path) -> Iterator[float]:
    file = folder / "fdatasync"
    with file.open("wb", buffering=0) as out:
        for _ in range(SYNCS):
            begun = time.perf_counter()
            out.write(BLOCK)
            os.fdatasync(out.fileno())
            yield 1000 * (time.perf_counter() - begun)
    file.unlink()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def filesystem_of(folder: Path, mounts: str) -> str:
    """The type of the file system that a folder is on; `mounts` as in /proc/mounts, where later ones lie on top."""
    found = "an unknown file system"
    longest = 0
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split()
        if folder.is_relative_to(place) and len(place) >= longest:
            found, longest = kind, len(place)
    return found


def _versions() -> Iterator[str]:
    for name in ("grpcio", "uvicorn", "starlette", "aiohttp", "httpx", "sqlalchemy"):
        yield f"{name} {version(name)}"
    if node := shutil.which("node"):
        yield f"Node {subprocess.run([node, '--version'], check=True, capture_output=True, text=True).stdout.strip()}"  # noqa: S603 - ours
