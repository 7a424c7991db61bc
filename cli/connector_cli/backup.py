"""`facebook-connector backup` and `restore`: an embedded installation as one folder."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.backup_files import (
    DATABASE,
    FORMAT,
    KEY,
    MEDIA,
    Manifest,
    copy_media,
    digest,
    draft_of,
    summary,
)
from connector_cli.failures import Failure, failing_on, needing
from connector_cli.printing import print_table

if TYPE_CHECKING:
    from facebook_connector.settings import ServerSettings

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the backup.")]


def backup(
    folder: Folder,
    *,
    with_key: Annotated[
        bool,
        typer.Option("--with-key", help="Copies the key file too: whoever has the backup can then open all secrets."),
    ] = False,
) -> None:
    """Copies an embedded installation into a new folder, while it runs.

    The database as of one moment, and the media it knows. Of what was erased
    or deleted nothing goes along. Without the key file, secret.key in the
    data folder, the channels' secrets cannot be opened again: keep a copy of
    it, best apart from the backups; or use --with-key.

    PostgreSQL is backed up by its own means, pg_dump, and media in an object
    store by that store's; the command says how. What the File Engine has
    stays there: a backup holds its names.

    Example: facebook-connector backup /var/backups/connector-2026-11-26

    Settings: FBC_DATA_DIR, FBC_DATABASE_URL, FBC_MEDIA_URL, FBC_SECRET_KEYS.
    """
    settings = _settings()
    database = _embedded(settings, "pg_dump --format=custom --file=connector.dump")
    from facebook_connector.settings import KEY_FILE
    from facebook_connector.store.errors import StoreError

    key_file = settings.data_dir / KEY_FILE
    if with_key and not key_file.is_file():
        raise Failure(f"{key_file}: is not there; the keys are in FBC_SECRET_KEYS: keep those")
    draft = draft_of(folder)
    try:
        with failing_on(StoreError, OSError):
            manifest = _copied(settings, database, draft, with_key=with_key)
            if with_key:
                shutil.copy2(key_file, draft / KEY)
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    print_table(("", ""), summary(manifest, folder).items())
    if manifest.media_in_file_engine:
        typer.echo(f"not in it: {manifest.media_in_file_engine} media in the File Engine: back it up by its own means")
    if settings.media_url:
        typer.echo("media are kept in FBC_MEDIA_URL and are not in the backup: copy them with the means of that store")
    if not with_key:
        typer.echo(f"not in it: {_key_place(settings, key_file)}, without which the channels' secrets do not open")


def restore(
    folder: Folder,
    *,
    send_waiting: Annotated[
        bool,
        typer.Option(
            "--send-waiting",
            help="Sends messages that waited when the backup was taken. Customers may get some a second time.",
        ),
    ] = False,
) -> None:
    """Puts a backup into an empty data folder, after checking that it is whole.

    Overwrites nothing: a database, media or key that are there stop it. What
    CCM had not acknowledged when the backup was taken is delivered again,
    with the same ids. Messages to customers that waited then have been sent
    since, most likely, and fail as EXPIRED. Facebook's webhooks since then
    are not in the backup. A backup of an older release is migrated when its
    server starts.

    Example: FBC_DATA_DIR=/srv/connector facebook-connector restore /var/backups/connector-2026-11-26

    Settings: FBC_DATA_DIR, FBC_DATABASE_URL, FBC_MEDIA_URL.
    """
    settings = _settings()
    database = _embedded(settings, "pg_restore --clean --dbname")
    from facebook_connector.store.errors import StoreError

    manifest = Manifest.read(folder)
    if digest(folder / DATABASE) != manifest.database_sha256:
        raise Failure(f"{folder}: the database is not the one that was backed up; take another backup")
    targets = _targets(settings, database, manifest)
    for target in targets.values():
        if target.exists():
            raise Failure(f"{target}: is there already, and nothing is overwritten; move it away or set FBC_DATA_DIR")
    with failing_on(StoreError, OSError):
        waiting = _restored(folder, targets, manifest, send_waiting=send_waiting)
    print_table(("", ""), {"restored": str(database), "of": folder.name, "schema": manifest.schema}.items())
    if waiting and not send_waiting:
        typer.echo(f"{waiting} messages to customers that waited will fail as EXPIRED")
    if manifest.key_ids and not manifest.with_key:
        typer.echo(f"to open the channels' secrets the server needs the key {', '.join(manifest.key_ids)}")


def _settings() -> ServerSettings:
    with needing("server"):
        from facebook_connector.settings import ServerSettings
        from service_runtime.settings import SettingsError
    with failing_on(SettingsError):
        return ServerSettings.load()


def _embedded(settings: ServerSettings, command: str) -> Path:
    """The database's file. Raises `Failure` for PostgreSQL, with what to do instead."""
    if not settings.database.startswith("sqlite"):
        raise Failure(
            f"FBC_DATABASE_URL is PostgreSQL, which has tools of its own: use `{command} <database URL>`, and copy the"
            " media (FBC_MEDIA_URL) and FBC_SECRET_KEYS beside it"
        )
    return Path(settings.database.removeprefix("sqlite:///"))


def _copied(settings: ServerSettings, database: Path, draft: Path, *, with_key: bool) -> Manifest:
    from importlib.metadata import version

    from facebook_connector.media.keep import path_of
    from facebook_connector.store import snapshots

    created_ms = time.time_ns() // 1_000_000
    snapshot = snapshots.take(database, draft / DATABASE)
    names = () if settings.media_url else map(path_of, snapshot.media_ids)
    files, size, missing = copy_media(settings.media_folder, draft / MEDIA, names)
    manifest = Manifest(
        format=FORMAT,
        release=version("facebook-connector"),
        schema=snapshot.schema,
        installation_id=snapshot.installation_id,
        created_ms=created_ms,
        database_sha256=digest(draft / DATABASE),
        media_files=files,
        media_bytes=size,
        media_missing=missing,
        media_in_file_engine=snapshot.in_file_engine,
        key_ids=list(snapshot.key_ids),
        with_key=with_key,
    )
    manifest.write(draft)
    return manifest


def _targets(settings: ServerSettings, database: Path, manifest: Manifest) -> dict[str, Path]:
    """Where each part of the backup goes."""
    from facebook_connector.settings import KEY_FILE

    targets = {DATABASE: database}
    if manifest.media_files:
        targets[MEDIA] = settings.media_folder
    if manifest.with_key:
        targets[KEY] = settings.data_dir / KEY_FILE
    return targets


def _restored(folder: Path, targets: dict[str, Path], manifest: Manifest, *, send_waiting: bool) -> int:
    """Copies beside the targets and moves the database last: without it nothing counts. How many messages waited."""
    from facebook_connector.store import snapshots

    database = targets[DATABASE]
    draft = draft_of(database.with_name(f"{database.name}.restored"))
    try:
        shutil.copyfile(folder / DATABASE, draft / DATABASE)
        (draft / DATABASE).chmod(0o600)
        snapshots.examine(draft / DATABASE)
        waiting = 0 if send_waiting else snapshots.end_waiting(draft / DATABASE, manifest.created_ms)
        if MEDIA in targets:
            shutil.copytree(folder / MEDIA, targets[MEDIA])
        if KEY in targets:
            targets[KEY].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(folder / KEY, targets[KEY])
        (draft / DATABASE).rename(database)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return waiting


def _key_place(settings: ServerSettings, key_file: Path) -> str:
    return "FBC_SECRET_KEYS" if settings.secret_keys.get_secret_value() else str(key_file)
