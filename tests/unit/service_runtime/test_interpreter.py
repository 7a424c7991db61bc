from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service_runtime.interpreter import SWITCH_INTERVAL_S, YOUNG_OBJECTS, loading, tune, without


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


@pytest.fixture
def optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package that nobody has loaded yet."""
    (tmp_path / "an_optional_package.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield "an_optional_package"
    sys.modules.pop("an_optional_package", None)


def test_a_package_is_hidden_from_some_imports_and_there_for_later_ones(optional: str) -> None:
    with without(optional), pytest.raises(ImportError):
        importlib.import_module(optional)

    assert importlib.import_module(optional).__name__ == optional


def test_a_failing_import_shows_the_hidden_package_again(optional: str) -> None:
    with pytest.raises(LookupError), without(optional):
        raise LookupError

    assert importlib.import_module(optional).__name__ == optional


def test_a_package_that_is_loaded_stays(optional: str) -> None:
    loaded = importlib.import_module(optional)
    with without(optional):
        assert importlib.import_module(optional) is loaded

    assert importlib.import_module(optional) is loaded
