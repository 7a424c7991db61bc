"""What can go wrong in the store, in words its callers can act on.

Every driver exception becomes one of these, with a `DriverError` as its cause. No text here repeats a stored value or
a parameter: it may be what a customer wrote.
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors of the store. Raised as such, it is a defect of this program or a damaged database."""


class StoreUnavailable(StoreError):  # noqa: N818 - names a state
    """The database cannot be reached or is busy. The change may or may not have been made; call again later."""


class StoreFull(StoreUnavailable):
    """The disk under the database is full; it works again once there is room."""


class RowRefused(StoreError):  # noqa: N818 - names a state
    """The database refuses a value of this batch, now and ever. Nothing was changed; split the batch to find it."""


class SchemaMismatch(StoreError):  # noqa: N818 - names a state
    """The database has another schema than this program knows. The message says what to do."""


class DatabaseInUse(StoreError):  # noqa: N818 - names a state
    """Another server holds this SQLite database."""


class DatabaseUrlError(StoreError):
    """The database URL cannot be used. The message does not repeat it: it may hold a password."""


class DriverError(Exception):
    """What the driver said, without the values it may have quoted: its exception's name, code and constraint."""

    def __init__(self, error: BaseException, *, code: str = "", constraint: str = "") -> None:
        super().__init__(" ".join(word for word in (type(error).__name__, code, constraint) if word))
        self.with_traceback(error.__traceback__)
        self.code = code


class Contended(Exception):  # noqa: N818 - names a state
    """Another transaction got there first: the engine runs this one again. Never leaves the store."""
