"""Keeps a second server off an embedded database: a lock on a file beside it, which ends with its process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from facebook_connector.store.errors import DatabaseInUse, StoreUnavailable


class LockFile:
    """A held lock. The file stays when the lock ends: removing it would let two processes lock two files."""

    def __init__(self, database: Path) -> None:
        """Takes the lock of `database`. Raises `DatabaseInUse`, or `StoreUnavailable` if the folder is not writable."""
        path = database.with_name(f"{database.name}.lock")
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"cannot open {path}: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise DatabaseInUse(
                f"another server (process {holder}) uses the database {database}. An SQLite database serves one server"
                " at a time: stop the other one, or use PostgreSQL to run several"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Ends the lock."""
        os.close(self._descriptor)
