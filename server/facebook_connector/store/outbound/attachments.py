"""What pages have uploaded to Facebook: kept so that equal bytes are uploaded once, and used again for 80 days."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.sending.media import AttachmentKey
from facebook_connector.store.batch import NUMBER, TEXT
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.outbound.attachment_schema import attachment

USED_MS: Final = 80 * 24 * 3600 * 1000
"""How long an id is used; Facebook forgets it after 90 days.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

FORGOTTEN_AT_ONCE: Final = 100
"""Most ids whose time is over that go whenever one is kept: more than come, so that they never pile up."""

_place = (attachment.c.page_id, attachment.c.sha256, attachment.c.kind, attachment.c.name)
NOW = bindparam("now_ms", type_=NUMBER)

FIND = select(attachment.c.attachment_id).where(
    attachment.c.page_id == bindparam("page_id", type_=TEXT),
    attachment.c.sha256 == bindparam("sha256", type_=TEXT),
    attachment.c.kind == bindparam("kind", type_=TEXT),
    attachment.c.name == bindparam("name", type_=TEXT),
    attachment.c.expire_time_ms > NOW,
)
# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
_new: Any = insert(attachment)
KEEP = _new.on_conflict_do_update(
    index_elements=_place,
    set_={"attachment_id": _new.excluded.attachment_id, "expire_time_ms": _new.excluded.expire_time_ms},
)
DROP = delete(attachment).where(
    attachment.c.page_id == bindparam("page_id", type_=TEXT),
    attachment.c.attachment_id.in_(bindparam("attachment_ids", expanding=True)),
)
_expired = (
    select(*_place)
    .where(attachment.c.expire_time_ms <= NOW)
    .order_by(attachment.c.expire_time_ms)
    .limit(FORGOTTEN_AT_ONCE)
    .with_for_update(skip_locked=True)
)
FORGET_EXPIRED = delete(attachment).where(tuple_(*_place).in_(_expired))


class AttachmentStore:
    """Implements `sending.ports.AttachmentLog`; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: AttachmentKey, *, now_ms: int) -> str:
        values = {**_columns(key), "now_ms": now_ms}
        found = await self._database.read(lambda transaction: transaction.execute(FIND, values).scalar())
        return found or ""

    async def keep(self, key: AttachmentKey, attachment_id: str, *, now_ms: int) -> None:
        row = {**_columns(key), "attachment_id": attachment_id, "expire_time_ms": now_ms + USED_MS}

        def work(transaction: Transaction) -> None:
            transaction.execute(KEEP, row)
            transaction.execute(FORGET_EXPIRED, {"now_ms": now_ms})

        await self._database.write(work)

    async def drop(self, page_id: str, attachment_ids: Collection[str]) -> None:
        values = {"page_id": page_id, "attachment_ids": list(attachment_ids)}
        await self._database.write(lambda transaction: transaction.execute(DROP, values))


def _columns(key: AttachmentKey) -> dict[str, str]:
    return {"page_id": key.page_id, "sha256": key.sha256, "kind": key.kind.value, "name": key.name}
