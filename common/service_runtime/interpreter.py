"""How Python itself is set for a service: how threads take turns, and how often it looks for garbage.

Python's defaults are made for scripts. A service holds some hundred thousand objects for as long as it lives, and hands
work between its event loop and a few threads many times a second.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final, cast

SWITCH_INTERVAL_S: Final = 0.0005
"""How long a thread that computes keeps others waiting for their turn.

A transaction on a thread of its own wins the interpreter back after each statement; at Python's 5 ms that adds up.
Measured, three times in turn: p95 of an ingest beside a busy event loop 137 to 278 ms, and 55 to 100 ms so.
"""

YOUNG_OBJECTS: Final = 10_000
"""How many objects come into being before Python looks for cycles among them; by default 700, which is less than what
the requests under way have in their hands. Measured: a webhook costs the gateway 218 µs of processor, and 190 µs so.
"""


@contextmanager
def loading() -> Iterator[None]:
    """Around the imports of a service: what modules hold stays, so that nobody need look for garbage in it.

    Measured: 0.1 s of the 1.3 s of processor that the server's imports take.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def without(package: str) -> Iterator[None]:
    """Around imports that would make use of a package, were it there: to them it looks as if it were not installed.

    Whoever imports it later gets it. Nothing changes if it is loaded already.
    """
    if package in sys.modules:
        yield
        return
    # Python's own mark for a module that is not to be found; the type of the mapping does not know it.
    hidden: dict[str, object] = {package: None}
    sys.modules.update(cast("dict[str, ModuleType]", hidden))
    try:
        yield
    finally:
        del sys.modules[package]


def tune() -> None:
    """Sets this process up to serve; call it once, when everything is imported.

    What exists by then is never looked through again: a full search of a server takes 76 ms, in which nothing answers.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    gc.freeze()
