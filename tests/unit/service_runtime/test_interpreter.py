from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from service_runtime.interpreter import SWITCH_INTERVAL_S, YOUNG_OBJECTS, loading, tune


@pytest.fixture
def restored() -> Iterator[None]:
    """Puts the interpreter of the test run back as it was."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("restored")
def test_what_is_there_is_left_alone_and_the_young_are_looked_at_less_often() -> None:
    gc.collect()
    frozen = gc.get_freeze_count()
    tune()
    assert gc.get_freeze_count() > frozen + 1000
    assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_S)
    assert gc.isenabled()


def test_nobody_looks_for_garbage_while_a_service_is_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failing_import_leaves_the_collector_on() -> None:
    with pytest.raises(ModuleNotFoundError), loading():
        raise ModuleNotFoundError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
