"""The channels: settings, state, and secrets as sealed bytes. The store never opens a secret.

Every change raises `channels_revision`, and a change that a webhook's verification depends on raises `keys_revision`
too, so that caches see one number instead of all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.schema import channel, channel_secret, installation


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """One secret of a channel, as it lies on disk."""

    name: str
    """`page_access_token`, `app_secret` or `verify_token`."""
    position: int
    """Order among secrets of one name, from 0."""
    key_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """One channel as it is kept; the fields are those of `expertflow.connector.v1.Channel`."""

    page_id: str
    tenant_id: str
    app_id: str
    graph_version: str
    human_agent_enabled: bool
    allow_custom: bool
    allow_unsigned: bool
    edited_marker: str | None
    default_prompt: str | None
    wanted_fields: tuple[str, ...]
    state: str
    """ACTIVE, THROTTLED or STOPPED."""
    stop_reason: str
    """Empty unless STOPPED."""
    state_reason: str
    state_time_ms: int
    etag: str
    create_time_ms: int
    update_time_ms: int
    keep_subscribed: bool = False
    """Whether the page was subscribed once, by us or before us: then it is to stay so."""
    secrets: tuple[SealedSecret, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """Numbers that grow with every change: of any channel, and of what webhooks are verified with."""

    channels: int
    keys: int


SETTINGS = tuple(item.name for item in fields(ChannelRow) if item.name != "secrets")
"""The columns of `channel`."""

# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
ADD_CHANNEL = insert_or_skip(channel).on_conflict_do_nothing()
ADD_SECRETS = insert(channel_secret)
CHANGE_CHANNEL = update(channel).where(channel.c.page_id == bindparam("the_page"))
KEEP_SUBSCRIBED = update(channel).where(channel.c.page_id == bindparam("the_page")).values(keep_subscribed=True)
REMOVE_CHANNEL = delete(channel).where(channel.c.page_id == bindparam("the_page"))
REMOVE_SECRETS = delete(channel_secret).where(channel_secret.c.page_id == bindparam("the_page"))
ONE = select(channel).where(channel.c.page_id == bindparam("the_page"))
ONE_LOCKED = ONE.with_for_update()
PAGE_OF_CHANNELS = (
    select(channel)
    .where(channel.c.page_id > bindparam("after"))
    .order_by(channel.c.page_id)
    .limit(bindparam("row_limit"))
)
SECRETS_OF = (
    select(channel_secret)
    .where(channel_secret.c.page_id.between(bindparam("first"), bindparam("last")))
    .order_by(channel_secret.c.page_id, channel_secret.c.name, channel_secret.c.position)
)
REVISIONS = select(installation.c.channels_revision, installation.c.keys_revision)
RAISE_REVISIONS = update(installation).values(
    channels_revision=installation.c.channels_revision + 1,
    keys_revision=installation.c.keys_revision + bindparam("keys"),
)


class ChannelStore:
    """Reads channels. Changes are functions over a transaction, so that they can share one with other rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, page_id: str) -> ChannelRow | None:
        """The page's channel, or None."""
        return await self._database.read(lambda transaction: _find(transaction, ONE, page_id))

    async def list(self, *, after: str = "", limit: int) -> list[ChannelRow]:
        """At most `limit` channels with a page id beyond `after`, by page id."""
        return await self._database.read(lambda transaction: _page(transaction, after, limit))

    async def revisions(self) -> Revisions:
        """Where the counters stand."""
        return await self._database.read(_revisions)


def find_channel(transaction: Transaction, page_id: str) -> ChannelRow | None:
    """The page's channel, or None. It does not change until the transaction ends but by this transaction."""
    return _find(transaction, ONE_LOCKED, page_id)


def add_channel(transaction: Transaction, row: ChannelRow) -> bool:
    """Stores a new channel; False when the page has one already, and nothing is changed then."""
    if transaction.execute(ADD_CHANNEL, _columns(row)).rowcount == 0:
        return False
    _add_secrets(transaction, row)
    _note_change(transaction, row.page_id, keys=True)
    return True


def replace_channel(transaction: Transaction, row: ChannelRow, *, expected_etag: str) -> bool:
    """Overwrites a channel, secrets included; False when it is gone or its etag is another by now."""
    present = find_channel(transaction, row.page_id)
    if present is None or present.etag != expected_etag:
        return False
    transaction.execute(CHANGE_CHANNEL, {**_columns(row), "the_page": row.page_id})
    transaction.execute(REMOVE_SECRETS, {"the_page": row.page_id})
    _add_secrets(transaction, row)
    _note_change(transaction, row.page_id, keys=_verification(row) != _verification(present))
    return True


def note_subscribed(transaction: Transaction, page_id: str) -> None:
    """Notes that the page is subscribed, and shall be for as long as it has a channel. No setting: the etag stays."""
    transaction.execute(KEEP_SUBSCRIBED, {"the_page": page_id})


def remove_channel(transaction: Transaction, page_id: str) -> bool:
    """Deletes a channel and its secrets, and nothing that was received or sent; False when there is none."""
    if transaction.execute(REMOVE_CHANNEL, {"the_page": page_id}).rowcount == 0:
        return False
    _note_change(transaction, page_id, keys=True)
    return True


def _revisions(transaction: Transaction) -> Revisions:
    row = transaction.execute(REVISIONS).one()
    return Revisions(channels=row.channels_revision, keys=row.keys_revision)


def _note_change(transaction: Transaction, page_id: str, *, keys: bool) -> None:
    transaction.execute(RAISE_REVISIONS, {"keys": int(keys)})
    tell(transaction, Topic.CHANNEL, [page_id])


def _verification(row: ChannelRow) -> tuple[object, ...]:
    """What the verification of webhooks depends on."""
    secrets = [secret for secret in row.secrets if secret.name in {"app_secret", "verify_token"}]
    return row.app_id, row.allow_unsigned, sorted(secrets, key=lambda secret: (secret.name, secret.position))


def _columns(row: ChannelRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in SETTINGS}
    return {**values, "wanted_fields": orjson.dumps(row.wanted_fields).decode()}


def _add_secrets(transaction: Transaction, row: ChannelRow) -> None:
    if row.secrets:
        transaction.execute(ADD_SECRETS, [{"page_id": row.page_id, **asdict(secret)} for secret in row.secrets])


def _find(transaction: Transaction, statement: Select[Any], page_id: str) -> ChannelRow | None:
    found = _whole(transaction, transaction.execute(statement, {"the_page": page_id}).all())
    return found[0] if found else None


def _page(transaction: Transaction, after: str, limit: int) -> list[ChannelRow]:
    return _whole(transaction, transaction.execute(PAGE_OF_CHANNELS, {"after": after, "row_limit": limit}).all())


def _whole(transaction: Transaction, rows: Sequence[Row[Any]]) -> list[ChannelRow]:
    """Channels with their secrets; `rows` are neighbours in the order of page ids.

    The secrets are read by a statement of their own: where this transaction waited for the channel's lock, that
    statement sees what the other one left.
    """
    if not rows:
        return []
    found = transaction.execute(SECRETS_OF, {"first": rows[0].page_id, "last": rows[-1].page_id}).all()
    of_page = {page_id: tuple(map(_secret, secrets)) for page_id, secrets in groupby(found, lambda row: row.page_id)}
    return [_channel(row, of_page.get(row.page_id, ())) for row in rows]


def _secret(row: Row[Any]) -> SealedSecret:
    return SealedSecret(name=row.name, position=row.position, key_id=row.key_id, sealed=row.sealed)


def _channel(row: Row[Any], secrets: tuple[SealedSecret, ...]) -> ChannelRow:
    values = {name: getattr(row, name) for name in SETTINGS}
    values["wanted_fields"] = tuple(orjson.loads(row.wanted_fields))
    return ChannelRow(**values, secrets=secrets)
