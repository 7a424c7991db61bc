"""What every scenario is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extent import Extent
from benchmarks.profiler import Profiler


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How much to measure, where to put what is thrown away, and whom to tell how far it is."""

    extent: Extent
    folder: Path
    """Of this scenario alone; on the disk that is measured."""
    tell: Callable[[str], None]
    profiler: Profiler | None = None
