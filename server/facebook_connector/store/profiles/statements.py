"""The statements about profiles. Rows are asked for under their ordering key's lock, and claimed without it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, func, literal, null, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.schema import ordering_key

KEPT_MS: Final = 400 * 24 * 3600 * 1000
"""How long names are kept after they were last asked for: as long as window clocks."""

NOW = bindparam("now_ms", type_=NUMBER)
OWNER = bindparam("the_owner", type_=TEXT)
UNTIL = bindparam("until_ms", type_=NUMBER)

_person = Batch(page_id=TEXT, psid=TEXT)
_zero = literal(0, type_=NUMBER)
_new: Any = insert(profile).from_select(
    [
        "page_id",
        "psid",
        "first_name",
        "last_name",
        "hold_until_ms",
        "fresh_until_ms",
        "next_try_ms",
        "attempts",
        "expire_time_ms",
    ],
    select(
        *_person.rows.c,
        literal(""),
        literal(""),
        bindparam("hold_until_ms", type_=NUMBER),
        _zero,
        NOW,
        _zero,
        NOW + KEPT_MS,
    )
    .where(true())
    .order_by(_person.rows.c.page_id, _person.rows.c.psid),
)

ASK = Statement(
    _person,
    _new.on_conflict_do_update(
        index_elements=["page_id", "psid"],
        set_={
            "next_try_ms": _new.excluded.next_try_ms,
            "attempts": _new.excluded.attempts,
            "expire_time_ms": _new.excluded.expire_time_ms,
        },
    ),
)
"""Asks for profiles that nobody is asking for, now; their ordering keys are locked.

A person who was asked about before keeps what is known, and nothing is held back for them.
"""

DUE = Query(
    select(profile.c.page_id, profile.c.psid, profile.c.hold_until_ms, profile.c.attempts)
    .where(profile.c.next_try_ms <= NOW)
    # When there are more than can be asked for, the newest still have messages that wait for them.
    .order_by(profile.c.next_try_ms.desc())
    .limit(bindparam("most", type_=NUMBER))
    .with_for_update(skip_locked=True)
)
"""Locks what is to be asked for now, leaving out what another server takes at this moment."""

CLAIM = Statement(
    _person,
    update(profile)
    .where(profile.c.page_id == _person.rows.c.page_id, profile.c.psid == _person.rows.c.psid)
    .values(owner=OWNER, next_try_ms=UNTIL),
)

NEWEST_DUE = (
    select(profile.c.next_try_ms)
    .where(profile.c.next_try_ms <= NOW)
    .order_by(profile.c.next_try_ms.desc())
    .limit(literal(1, type_=NUMBER))
)

END_EARLIER_CLAIMS = (
    update(profile)
    .where(profile.c.next_try_ms.is_not(None), profile.c.owner.is_not(None), profile.c.owner != OWNER)
    .values(owner=null(), next_try_ms=NOW)
)

_page, _psid = bindparam("the_page", type_=TEXT), bindparam("the_psid", type_=TEXT)

LOCK_KEY = (
    select(ordering_key.c.key_id)
    .where(ordering_key.c.page_id == _page, ordering_key.c.psid == _psid)
    .with_for_update(key_share=True)
)
"""Keeps ingests of the conversation out, but nothing that only refers to it."""

SETTLE = (
    update(profile)
    .where(
        and_(
            profile.c.page_id == _page,
            profile.c.psid == _psid,
            profile.c.owner == OWNER,
            profile.c.next_try_ms == UNTIL,
        )
    )
    .values(
        first_name=func.coalesce(bindparam("first", type_=TEXT), profile.c.first_name),
        last_name=func.coalesce(bindparam("last", type_=TEXT), profile.c.last_name),
        hold_until_ms=null(),
        fresh_until_ms=bindparam("fresh_ms", type_=NUMBER),
        next_try_ms=bindparam("retry_ms", type_=NUMBER),
        owner=null(),
        attempts=bindparam("failed", type_=NUMBER),
    )
)
"""Writes down how a lookup ended, if its claim is in force. Without names those that are known stay."""

_is_expired = profile.c.expire_time_ms <= NOW

FORGET_EXPIRED = delete(profile).where(
    _is_expired,
    tuple_(profile.c.page_id, profile.c.psid).in_(
        select(profile.c.page_id, profile.c.psid).where(_is_expired).limit(bindparam("most", type_=NUMBER))
    ),
)
