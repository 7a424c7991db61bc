"""The log of kept media: what a server claims to fetch, what became of it, and when the bytes go.

How a download ends is committed together with the message that waited for it: nobody sees one without the other. Only
the present claim counts: a server that was given up cannot settle what another one has in hand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, func, literal, null, or_, select, update

from facebook_connector.store.batch import NUMBER
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.log.holds import MEDIA, end_hold
from facebook_connector.store.media.schema import media, media_secret
from facebook_connector.store.media.values import DELETED, Download, MediaResult, MediaRow, MediaState, Rewrite
from facebook_connector.store.notices import Topic, tell

GONE_KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long the link of a medium that was never stored says that its message was taken back."""

NOW = bindparam("now_ms", type_=NUMBER)

SECRET = select(media_secret.c.secret)
DUE = (
    select(
        media.c.media_id,
        media.c.kind,
        media.c.source_url,
        media.c.name,
        media.c.attempts,
        media.c.create_time_ms,
    )
    .where(media.c.next_try_ms <= NOW)
    .order_by(media.c.next_try_ms)
    .limit(bindparam("most", type_=NUMBER))
    .with_for_update(skip_locked=True)
)
CLAIM = (
    update(media)
    .where(media.c.media_id.in_(bindparam("ids", expanding=True)))
    .values(owner=bindparam("the_owner"), next_try_ms=bindparam("until_ms"))
)
FIRST_DUE = select(func.min(media.c.next_try_ms)).where(media.c.next_try_ms.is_not(None))
END_EARLIER_CLAIMS = (
    update(media)
    .where(media.c.next_try_ms.is_not(None), media.c.owner != bindparam("the_owner"))
    .values(owner=null(), next_try_ms=NOW)
)
_claimed = and_(
    media.c.media_id == bindparam("the_id"),
    media.c.owner == bindparam("the_owner"),
    media.c.next_try_ms == bindparam("until_ms"),
)
LOCK_CLAIMED = select(media.c.key_id, media.c.seq).where(_claimed).with_for_update()
POSTPONE = (
    update(media)
    .where(_claimed)
    .values(
        owner=null(), next_try_ms=bindparam("retry_ms"), attempts=media.c.attempts + bindparam("counted", type_=NUMBER)
    )
)
OF_MESSAGE = (
    select(media.c.media_id, media.c.key_id, media.c.seq, media.c.owner, media.c.next_try_ms)
    .where(
        media.c.page_id == bindparam("the_page"),
        media.c.cim_id.in_(bindparam("cim_ids", expanding=True)),
        media.c.state != MediaState.FAILED.value,
    )
    .order_by(media.c.media_id)
    .with_for_update()
)
BYTES_TO_GO = (
    select(media.c.media_id, func.coalesce(media.c.kept_as, media.c.media_id))
    .where(or_(media.c.purge_time_ms <= NOW, media.c.expire_time_ms <= NOW))
    .limit(bindparam("most", type_=NUMBER))
)
EXPIRED = delete(media).where(media.c.media_id.in_(bindparam("ids", expanding=True)), media.c.expire_time_ms <= NOW)
PURGED = (
    update(media)
    .where(media.c.media_id.in_(bindparam("ids", expanding=True)), media.c.purge_time_ms <= NOW)
    .values(purge_time_ms=null())
)


class MediaLog:
    """Everything known of media but their bytes. Every method is one transaction, committed when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def link_secret(self) -> bytes:
        """The key under which ids of media are made; the same for every server on this database."""
        return await self._database.read(lambda transaction: bytes(transaction.execute(SECRET).scalar_one()))

    async def claim(self, owner: str, *, now_ms: int, until_ms: int, limit: int) -> list[Download]:
        """Claims what is due, the longest waiting first; it is due again at `until_ms`."""

        def work(transaction: Transaction) -> list[Download]:
            rows = transaction.execute(DUE, {"now_ms": now_ms, "most": limit}).all()
            if rows:
                ids = [row.media_id for row in rows]
                transaction.execute(CLAIM, {"ids": ids, "the_owner": owner, "until_ms": until_ms})
            return [Download(**row._mapping, owner=owner, until_ms=until_ms) for row in rows]  # noqa: SLF001 - public

        return await self._database.write(work)

    async def next_due_ms(self) -> int | None:
        """When the next download is due, in the past if one is; claimed ones count with the end of their claims."""
        return await self._database.read(lambda transaction: transaction.execute(FIRST_DUE).scalar_one())

    async def end_earlier_claims(self, owner: str, *, now_ms: int) -> None:
        """Makes due now whatever others than `owner` have claimed: for a server that is alone on its database."""
        await self._database.write(
            lambda transaction: transaction.execute(END_EARLIER_CLAIMS, {"the_owner": owner, "now_ms": now_ms})
        )

    async def postpone(self, download: Download, *, retry_ms: int, counted: int) -> None:
        """Gives a claim back until `retry_ms`, with `counted` more failures; nothing if the claim is not in force."""
        values = {**_names(download), "retry_ms": retry_ms, "counted": counted}
        await self._database.write(lambda transaction: transaction.execute(POSTPONE, values))

    async def settle(
        self, download: Download, result: MediaResult, rewrite: Rewrite, *, now_ms: int, expire_time_ms: int
    ) -> frozenset[int] | None:
        """Ends a download for good, rewrites its message and lets it go; the subscriptions that get something.

        None: the claim is not in force any more, and nothing was changed. Then bytes that were stored must go.
        """

        def work(transaction: Transaction) -> frozenset[int] | None:
            row = transaction.execute(LOCK_CLAIMED, _names(download)).one_or_none()
            if row is None:
                return None
            transaction.execute(_settled(download.media_id, result, now_ms, expire_time_ms))
            ready = end_hold(transaction, (row.key_id, row.seq), MEDIA, now_ms, rewrite)
            tell(transaction, Topic.READY, ready)
            return ready

        return await self._database.write(work)

    async def find(self, media_id: str) -> MediaRow | None:
        """What is known of a medium."""
        columns = [media.c[name] for name in MediaRow.__dataclass_fields__]
        statement = select(*columns).where(media.c.media_id == media_id)
        row = await self._database.read(lambda transaction: transaction.execute(statement).one_or_none())
        return None if row is None else MediaRow(**{**row._mapping, "state": MediaState(row.state)})  # noqa: SLF001 - public

    async def forget(self, page_id: str, cim_ids: Sequence[str], *, now_ms: int) -> frozenset[int]:
        """See `forget`; the subscriptions that can deliver something now."""

        def work(transaction: Transaction) -> frozenset[int]:
            ready = forget(transaction, page_id, cim_ids, now_ms)
            tell(transaction, Topic.READY, ready)
            return ready

        return await self._database.write(work)

    async def bytes_to_go(self, *, now_ms: int, limit: int) -> dict[str, str]:
        """Media whose bytes must be deleted now, and the keys of these; call `bytes_gone` after that."""
        values = {"now_ms": now_ms, "most": limit}

        def work(transaction: Transaction) -> dict[str, str]:
            return {row[0]: row[1] for row in transaction.execute(BYTES_TO_GO, values)}

        return await self._database.read(work)

    async def bytes_gone(self, media_ids: Collection[str], *, now_ms: int) -> None:
        """Notes that the bytes are deleted; what has expired is forgotten altogether."""
        values = {"ids": list(media_ids), "now_ms": now_ms}

        def work(transaction: Transaction) -> None:
            transaction.execute(EXPIRED, values)
            transaction.execute(PURGED, values)

        await self._database.write(work)


def forget(
    transaction: Transaction, page_id: str, cim_ids: Sequence[str], now_ms: int, rewrite: Rewrite | None = None
) -> frozenset[int]:
    """The messages were taken back: their media fail as DELETED, their bytes go, and nothing waits for them any more.

    Of a download that is under way the bytes may come later: they go when its claim is over. `rewrite` changes the
    messages themselves.
    """
    rows = transaction.execute(OF_MESSAGE, {"the_page": page_id, "cim_ids": list(cim_ids)}).all()
    ready: frozenset[int] = frozenset()
    for row in rows:
        purge_ms = now_ms if row.owner is None else max(now_ms, row.next_try_ms)
        changed = _settled(row.media_id, MediaResult(reason=DELETED), now_ms, now_ms + GONE_KEPT_MS)
        transaction.execute(changed.values(purge_time_ms=purge_ms))
        ready |= end_hold(transaction, (row.key_id, row.seq), MEDIA, now_ms, rewrite)
    return ready


def _settled(media_id: str, result: MediaResult, now_ms: int, expire_time_ms: int) -> Any:
    return (
        update(media)
        .where(media.c.media_id == literal(media_id))
        .values(
            state=result.state.value,
            reason=result.reason,
            mime_type=result.mime_type,
            name=result.name or media.c.name,
            size=result.size,
            sha256=result.sha256,
            kept_as=result.kept_as or media.c.kept_as,
            next_try_ms=null(),
            owner=null(),
            settle_time_ms=now_ms,
            expire_time_ms=expire_time_ms,
        )
    )


def _names(download: Download) -> dict[str, str | int]:
    return {"the_id": download.media_id, "the_owner": download.owner, "until_ms": download.until_ms}
