"""Databases of our own to be thrown away, with everything on that makes a commit last."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.chaos.databases import on_postgresql
from tests.support.databases import PostgresqlServer, remove_leftovers, running_postgresql
from tests.support.processes import COMMAND, Command


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL as it comes: a commit is on the disk when it returns."""

    server: PostgresqlServer
    folder: Path
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def process(self) -> int:
        """The one whose children do the work."""
        return self.server.process

    async def database(self) -> Mapping[str, str]:
        """A new, migrated one, as the settings of a server on it."""
        name = f"bench_{next(self._numbers)}"
        folder = self.folder / name
        await asyncio.to_thread(folder.mkdir)
        await asyncio.to_thread(self.server.run, f"CREATE DATABASE {name} TEMPLATE template0")
        settings = on_postgresql(self.server.url(name), folder)
        migration = Command("migrate", settings, folder, program=(COMMAND, "migrate"))
        await migration.start()
        assert migration.process is not None
        if await migration.process.wait():
            raise RuntimeError(migration.log)
        return settings


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Stopped and removed when the block is left."""
    folder.mkdir()
    remove_leftovers()
    with running_postgresql() as server:
        yield Cluster(server, folder)
