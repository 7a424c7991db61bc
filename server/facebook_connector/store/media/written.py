"""The log of media that services wrote for sending: rows of `media` that belong to no message and need no fetching."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.store.batch import NUMBER, TEXT
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.media.schema import media
from facebook_connector.store.media.values import MediaResult, MediaState

NO_MESSAGE = 0
"""`media.key_id` and `seq` of a medium that came with no message; conversations are numbered from 1."""

# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
_new: Any = insert(media)
ADD = _new.on_conflict_do_update(
    index_elements=[media.c.media_id], set_={"expire_time_ms": _new.excluded.expire_time_ms}
)
EXTEND = (
    update(media)
    .where(
        media.c.media_id == bindparam("the_id", type_=TEXT),
        media.c.expire_time_ms > bindparam("now_ms", type_=NUMBER),
    )
    .values(expire_time_ms=bindparam("until_ms", type_=NUMBER))
    .returning(media.c.settle_time_ms)
)
KNOWN = select(media.c.media_id).where(media.c.media_id == bindparam("the_id", type_=TEXT))


class WrittenLog:
    """Every method is one transaction, committed when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def extend(self, media_id: str, *, now_ms: int, expire_time_ms: int) -> int | None:
        """Keeps a medium for longer, and says when it was stored; None: there is none, or its time is over."""
        values = {"the_id": media_id, "now_ms": now_ms, "until_ms": expire_time_ms}
        return await self._database.write(lambda transaction: transaction.execute(EXTEND, values).scalar_one_or_none())

    async def has(self, media_id: str) -> bool:
        """Whether the medium is known, be its time over or not (a read)."""
        values = {"the_id": media_id}
        return await self._database.read(lambda transaction: transaction.execute(KNOWN, values).first() is not None)

    async def add(self, media_id: str, written: MediaResult, *, now_ms: int, expire_time_ms: int) -> None:
        """Notes a medium whose bytes are kept; one that somebody else noted meanwhile stays, for as long."""
        row = {
            "media_id": media_id,
            "page_id": "",
            "cim_id": "",
            "key_id": NO_MESSAGE,
            "seq": NO_MESSAGE,
            "kind": "file",
            "source_url": "",
            "name": written.name,
            "state": MediaState.STORED.value,
            "reason": "",
            "mime_type": written.mime_type,
            "size": written.size,
            "sha256": written.sha256,
            "attempts": 0,
            "create_time_ms": now_ms,
            "settle_time_ms": now_ms,
            "expire_time_ms": expire_time_ms,
        }

        def work(transaction: Transaction) -> None:
            transaction.execute(ADD, row)

        await self._database.write(work)
