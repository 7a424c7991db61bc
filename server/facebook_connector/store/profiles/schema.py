"""The table of profiles: the names of the people who write, and when Facebook is to be asked for them.

One row for each person of a page, under its own key: deleting it forgets everything known of their names, also while
somebody is asking. Times are milliseconds since the Unix epoch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from facebook_connector.store.schema import METADATA

profile = Table(
    "profile",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("psid", Text, primary_key=True),
    # Empty: Facebook does not tell, or was not asked yet.
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    # Until the first answer: messages of the person wait for it no longer than this.
    Column("hold_until_ms", BigInteger),
    # Not asked for again before this, however much the person writes.
    Column("fresh_until_ms", BigInteger, nullable=False),
    # While it is to be asked for: when. While a server asks: when its claim ends, so that what a server that died was
    # asking for comes back by itself.
    Column("next_try_ms", BigInteger),
    Column("owner", Text),
    # Failed tries in a row.
    Column("attempts", Integer, nullable=False),
    # When the row goes: long after the person was asked about last.
    Column("expire_time_ms", BigInteger, nullable=False),
    CheckConstraint("psid <> ''", name="psid"),
    CheckConstraint("owner IS NULL OR next_try_ms IS NOT NULL", name="owner"),
    CheckConstraint("hold_until_ms IS NULL OR next_try_ms IS NOT NULL", name="hold"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("profile_expire_time", "expire_time_ms"),
    sqlite_with_rowid=False,
)

Index(
    "profile_next_try",
    profile.c.next_try_ms,
    sqlite_where=profile.c.next_try_ms.is_not(None),
    postgresql_where=profile.c.next_try_ms.is_not(None),
)
