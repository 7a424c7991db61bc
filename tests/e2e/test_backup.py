"""An embedded installation is backed up while it runs, lost, and restored: real processes of the console script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector_cli.backup_files import DATABASE, MANIFEST
from tests.e2e.test_cli import KEY, Place, up
from tests.support.channels import ANA, PAGE_ID
from tests.support.terminal import Ended, Terminal

pytestmark = pytest.mark.e2e

DATA = "facebook-connector-data"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, {})


@pytest.fixture
async def place(terminal: Terminal) -> AsyncIterator[Place]:
    async with up(terminal) as running:
        added = await running.add_channel()
        assert added.status == 0, added
        await running.facebook.handshake(running.webhook)
        yield running


@pytest.fixture
async def backed_up(place: Place) -> Ended:
    await place.hear("before the backup")
    await place.facebook.person(ANA).sends_image()
    ended = await place.terminal.run("backup", "saved", "--with-key")
    assert ended.status == 0, ended
    return ended


def spoil(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b"x")


async def test_what_was_unread_is_delivered_by_the_restored_server(
    place: Place, backed_up: Ended, terminal: Terminal
) -> None:
    await place.hear("after the backup")
    elsewhere = Terminal(terminal.folder, {"FBC_DATA_DIR": "restored"})

    restored = await elsewhere.run("restore", "saved")

    assert restored.status == 0, restored
    async with up(elsewhere) as again:
        shown = await again.terminal.run("tail", "-n", "1")
        channel = await again.terminal.run("channels", "show", PAGE_ID)
    assert "before the backup" in shown.out
    assert "page access token  set" in channel.out
    assert (terminal.folder / "restored" / "secret.key").read_text() == (
        terminal.folder / DATA / "secret.key"
    ).read_text()


async def test_a_backup_says_what_is_in_it_and_what_is_not(place: Place, terminal: Terminal) -> None:
    ended = await place.terminal.run("backup", "saved")

    assert "secret.key, without which the channels' secrets do not open" in ended.out
    assert {path.name for path in (terminal.folder / "saved").iterdir()} == {DATABASE, MANIFEST}
    manifest = json.loads((terminal.folder / "saved" / MANIFEST).read_text())
    assert (manifest["format"], manifest["with_key"], manifest["media_files"]) == (1, False, 0)
    assert (terminal.folder / "saved").stat().st_mode & 0o077 == 0


async def test_nothing_is_overwritten(place: Place, backed_up: Ended) -> None:
    saved_again = await place.terminal.run("backup", "saved")
    restored = await place.terminal.run("restore", "saved")

    assert saved_again.complaint.startswith("saved: exists already")
    assert restored.complaint.startswith(f"{DATA}/connector.db: is there already")


async def test_a_backup_that_was_changed_is_not_restored(place: Place, backed_up: Ended, terminal: Terminal) -> None:
    spoil(terminal.folder / "saved" / DATABASE)
    restored = await terminal.having(FBC_DATA_DIR="restored").run("restore", "saved")

    assert "the database is not the one that was backed up" in restored.complaint
    assert not (terminal.folder / "restored").exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_postgresql_has_tools_of_its_own(terminal: Terminal, command: str) -> None:
    settings = {"FBC_DATABASE_URL": "postgresql://fbc:canary@db/fbc", "FBC_SECRET_KEYS": KEY}
    ended = await terminal.having(**settings).run(command, "saved")

    assert {"backup": "pg_dump", "restore": "pg_restore"}[command] in ended.complaint
    assert "canary" not in ended.err


async def test_a_folder_without_a_backup_is_named(terminal: Terminal) -> None:
    ended = await terminal.run("restore", "nothing")

    assert ended.complaint.startswith("nothing: holds no backup")
