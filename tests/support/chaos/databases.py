"""The database of a run, as the settings that name it to a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.support.databases import TEMPLATE, make_template, remove_leftovers, running_postgresql

SECRET_KEYS = "k1:" + "A" * 43 + "="

Settings = Mapping[str, str]


def on_sqlite() -> Settings:
    """The settings of a server with an embedded database in its folder."""
    return {"data_dir": "data"}


def on_postgresql(url: str, folder: Path) -> Settings:
    """The settings of each server on a migrated PostgreSQL; media go into the folder."""
    media = folder / "media"
    media.mkdir()
    return {"database_url": url, "secret_keys": SECRET_KEYS, "media_url": media.as_uri()}


@contextmanager
def fresh_sqlite(_folder: Path) -> Iterator[Settings]:
    """Needs nothing."""
    yield on_sqlite()


@contextmanager
def fresh_postgresql(folder: Path) -> Iterator[Settings]:
    """A PostgreSQL of its own for as long as the block runs."""
    remove_leftovers()
    with running_postgresql() as server:
        make_template(server)
        server.run(f"CREATE DATABASE chaos TEMPLATE {TEMPLATE}")
        yield on_postgresql(server.url("chaos"), folder)


FRESH: Mapping[str, Callable[[Path], AbstractContextManager[Settings]]] = MappingProxyType(
    {"sqlite": fresh_sqlite, "postgresql": fresh_postgresql}
)
"""By engine."""
