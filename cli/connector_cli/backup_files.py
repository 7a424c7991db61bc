"""What a backup is on disk: a folder with the database, the media and a manifest; whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from connector_cli.failures import Failure

FORMAT = 1
"""Grows when older releases could not read a new backup."""

MANIFEST, DATABASE, MEDIA, KEY = "manifest.json", "connector.db", "media", "secret.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What stands beside the copies, for people and for `restore`."""

    format: int
    release: str
    schema: str
    installation_id: str
    created_ms: int
    """When the copy of the database was begun."""
    database_sha256: str
    media_files: int
    media_bytes: int
    media_missing: int
    """Media that the database knows and whose bytes were gone when they were copied."""
    key_ids: list[str]
    """The keys that open the channels' secrets. The keys themselves are not in here unless `with_key` says so."""
    with_key: bool
    media_in_file_engine: int = 0
    """Media that are not in the backup because the File Engine has them. Releases before it did not say."""

    def write(self, folder: Path) -> None:
        """Writes it into the folder of a backup."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises `Failure` if the folder holds no backup that this release can read."""
        try:
            values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if values["format"] > FORMAT:
                raise Failure(f"{folder}: made by release {values['release']}; restore it with that one")
            return cls(**values)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise Failure(f"{folder}: holds no backup that can be read ({type(error).__name__})") from error


def digest(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def copy_media(source: Path, target: Path, names: Iterable[str]) -> tuple[int, int, int]:
    """Copies media by their paths; how many files and bytes, and how many are not there."""
    files = size = missing = 0
    for name in names:
        copy = target / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(source / name, copy)
        except FileNotFoundError:
            missing += 1
            continue
        files += 1
        size += copy.stat().st_size
    return files, size, missing


def draft_of(target: Path) -> Path:
    """An empty folder in which a backup, or what is restored, grows. Raises `Failure` if `target` exists."""
    if target.exists():
        raise Failure(f"{target}: exists already, and nothing is overwritten; name another one or move it away")
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    draft.mkdir(mode=0o700, parents=True)
    return draft


def summary(manifest: Manifest, folder: Path) -> Mapping[str, str]:
    """A backup in words."""
    missing = f"; {manifest.media_missing} were gone" if manifest.media_missing else ""
    return {
        "backup": str(folder),
        "schema": manifest.schema,
        "media": f"{manifest.media_files} files, {manifest.media_bytes} bytes{missing}",
    }
