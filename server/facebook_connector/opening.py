"""Opens what a server stands on. Whatever cannot be opened is a `SettingsError`: one line that names what to change."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facebook_connector.channels.seal import Keyring, KeyringError
from facebook_connector.media.file_engine.engine import FileEngine, FileEngineOptions
from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import KeepError, MediaStore
from facebook_connector.settings import ServerSettings
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.errors import StoreError
from facebook_connector.store.migrate import prepare
from service_runtime.settings import SettingsError


def opened_keyring(settings: ServerSettings) -> Keyring:
    """The keys that seal the channels' secrets."""
    try:
        return settings.keyring()
    except KeyringError as error:
        name = "FBC_SECRET_KEYS" if settings.secret_keys.get_secret_value() else "FBC_DATA_DIR"
        raise SettingsError(f"{name}: {error}") from error


def opened_media_store(settings: ServerSettings) -> MediaStore:
    """The place where media are kept."""
    try:
        return open_media_store(settings.media_url, settings.media_folder)
    except KeepError as error:
        name = "FBC_MEDIA_URL" if settings.media_url else "FBC_DATA_DIR"
        raise SettingsError(f"{name}: media cannot be kept there: {error}") from error


@asynccontextmanager
async def opened_file_engine(settings: ServerSettings) -> AsyncIterator[FileEngine | None]:
    """Expertflow's File Engine; None: there is none."""
    if not settings.file_engine_url:
        yield None
        return
    options = FileEngineOptions(
        links=settings.file_engine_links,
        max_bytes=settings.file_engine_max_bytes,
        token=settings.file_engine_token.get_secret_value(),
        tls=ssl.create_default_context(cafile=settings.file_engine_ca) if settings.file_engine_ca else None,
    )
    async with FileEngine(options) as engine:
        yield engine


@asynccontextmanager
async def opened_database(settings: ServerSettings) -> AsyncIterator[Database]:
    """The database, at the schema of this release."""
    try:
        database = open_database(settings.database)
    except StoreError as error:
        raise _database_error(settings, error) from error
    async with database:
        try:
            await prepare(database)
        except StoreError as error:
            raise _database_error(settings, error) from error
        yield database


def _database_error(settings: ServerSettings, error: StoreError) -> SettingsError:
    name = "FBC_DATABASE_URL" if settings.database_url.get_secret_value() else "FBC_DATA_DIR"
    return SettingsError(f"{name}: {error}")
