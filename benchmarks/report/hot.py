"""Where time goes: collapsed stacks, as py-spy records them, as a table of the functions that cost most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

SHOWN = 25

STARTS = frozenset({"Runner.run (asyncio/runners.py)", "Thread.run (threading.py)"})
"""Where the event loop and each thread begin; alone they stand for what is done in C."""

_FRAME = re.compile(r"(?P<function>.*?) \((?P<file>.*?)(?::\d+)?\)")


def hot_functions(stacks: Iterable[str]) -> str:
    """Functions by the time spent in themselves, and by the time spent in them and what they call."""
    own, whole, samples = Counter[str](), Counter[str](), 0
    for line in stacks:
        frames, _, count = line.rpartition(" ")
        names = _without_start([_named(frame) for frame in frames.split(";")])
        samples += int(count)
        own[names[-1]] += int(count)
        for name in set(names):
            whole[name] += int(count)
    return "\n".join((f"{samples} samples", *_table("in itself", own, samples), *_table("with calls", whole, samples)))


def _without_start(names: list[str]) -> list[str]:
    """Without the way from the program's start to its loop, which all stacks of a thread have in common."""
    *before, last = names
    begins = [place for place, name in enumerate(before, start=1) if name in STARTS]
    return [last] if last in STARTS else names[max(begins, default=0) :]


def _table(head: str, counts: Counter[str], samples: int) -> Iterator[str]:
    yield f"{head:>10}"
    for name, count in counts.most_common(SHOWN):
        yield f"{count / samples:>10.1%}  {name}"


def _named(frame: str) -> str:
    """Without the line, and with the last two folders only: `_poll (grpc/aio/_server.py)`."""
    match = _FRAME.fullmatch(frame)
    if match is None:
        return frame
    return f"{match['function']} ({'/'.join(match['file'].split('/')[-3:])})"
