"""Erases what a customer wrote and was written to. Ids, hashes and clocks stay: without them a repeat would be new.

Locks are taken in the order of `schema`. What comes in while a customer is erased waits for the key's row, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, func, select, update

from facebook_connector.sending.values import Failure, MessageKey
from facebook_connector.store.batch import NUMBER, TEXT
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.reference_schema import parked_receipt, receipt_check, receipt_mark
from facebook_connector.store.media.schema import media
from facebook_connector.store.media.values import DELETED, IN_FILE_ENGINE, MediaState
from facebook_connector.store.media.written import NO_MESSAGE
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.outbound.attachment_schema import attachment
from facebook_connector.store.outbound.changes import LockedMessages
from facebook_connector.store.outbound.lanes import UNDECIDED
from facebook_connector.store.outbound.schema import outbound_message, outbound_part
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.reading import cursor_statements
from facebook_connector.store.reading.advances import Done, Step, advance, steps_after
from facebook_connector.store.reading.subscriptions import standing_subscriptions
from facebook_connector.store.schema import dead_letter, event, message, ordering_key, quarantine, side_queue

AT_ONCE = 500
"""Outbound messages that are changed by one statement."""

LINKS_SAY_GONE_MS = 30 * 24 * 3600 * 1000
"""How long the link of an erased medium says that it was deleted; after that nobody knows it."""

NO_PAYLOAD = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whom to erase."""

    page_id: str
    psid: str

    def is_named_in(self, raw: bytes) -> bool:
        """Whether the PSID stands in it as a whole, not as a part of a longer id."""
        name = re.escape(self.psid.encode())
        return re.search(rb"(?<![0-9A-Za-z])" + name + rb"(?![0-9A-Za-z])", raw) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What names the customer outside of the conversation with them."""

    quarantine_ids: frozenset[int] = frozenset()
    page_events: frozenset[int] = frozenset()
    """Numbers of events of the page itself."""
    files: frozenset[str] = frozenset()
    """Ids of media that were written for sending, and sent to nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much there was."""

    events: int
    messages: int
    """To the customer."""
    media: int
    quarantined: int
    left_in_file_engine: tuple[str, ...]
    """Ids of media whose files the File Engine has, which deletes nothing. A repeat names them again."""


_key = bindparam("the_key", type_=NUMBER)
_page = bindparam("the_page", type_=TEXT)
_names = bindparam("ids", expanding=True, type_=TEXT)
_ids = bindparam("ids", expanding=True, type_=NUMBER)

LOCK_KEY = (
    select(ordering_key.c.key_id, ordering_key.c.last_seq)
    .where(ordering_key.c.page_id == _page, ordering_key.c.psid == bindparam("the_psid"))
    .with_for_update()
)
WRITTEN_TO = (
    select(outbound_message.c.cim_id)
    .where(outbound_message.c.key_id == _key, func.length(outbound_message.c.message) > 0)
    .order_by(outbound_message.c.cim_id)
)
EMPTY_MESSAGES = (
    update(outbound_message)
    .where(outbound_message.c.page_id == _page, outbound_message.c.cim_id.in_(_names))
    .values(
        message=b"",
        # What is under way is not taken back, but what follows in its message is: the lane looks at this first.
        expire_time_ms=case(
            (outbound_message.c.expire_time_ms > bindparam("now_ms"), bindparam("now_ms")),
            else_=outbound_message.c.expire_time_ms,
        ),
    )
)
EMPTY_PARTS = (
    update(outbound_part)
    .where(outbound_part.c.page_id == _page, outbound_part.c.cim_id.in_(_names))
    .values(payload=NO_PAYLOAD)
)
EMPTY_MEDIA = (
    update(media)
    .where(media.c.key_id == _key, media.c.source_url != "")
    .values(
        state=MediaState.FAILED.value,
        reason=DELETED,
        source_url="",
        name="",
        mime_type="",
        size=None,
        sha256=None,
        # That there is a file goes on record, its name does not.
        kept_as=case((media.c.kept_as.is_not(None), IN_FILE_ENGINE)),
        next_try_ms=None,
        owner=None,
        settle_time_ms=bindparam("now_ms"),
        # Of a download that is under way the bytes may come later: they go when its claim is over.
        purge_time_ms=case((media.c.owner.is_not(None), media.c.next_try_ms), else_=bindparam("now_ms")),
        expire_time_ms=bindparam("expire_ms"),
    )
)
LEFT_IN_FILE_ENGINE = (
    select(media.c.media_id).where(media.c.key_id == _key, media.c.kept_as.is_not(None)).order_by(media.c.media_id)
)
# Whose a file was is not noted, and its name may say something: those with a name are uploaded anew when needed.
FORGET_UPLOADS = delete(attachment).where(attachment.c.page_id == _page, attachment.c.name != "")
EXPIRE_FILES = (
    update(media)
    .where(media.c.media_id.in_(_names), media.c.key_id == NO_MESSAGE, media.c.expire_time_ms > bindparam("now_ms"))
    .values(expire_time_ms=bindparam("now_ms"))
)
FORGET_PROFILE = delete(profile).where(profile.c.page_id == _page, profile.c.psid == bindparam("the_psid"))
FORGET_RECEIPTS = tuple(
    delete(table).where(table.c.key_id == _key) for table in (receipt_mark, parked_receipt, receipt_check)
)
# In the order in which nothing points to what is gone.
DELETE_CONVERSATION = tuple(delete(table).where(table.c.key_id == _key) for table in (dead_letter, side_queue, message))
DELETE_EVENTS = delete(event).where(event.c.key_id == _key)
DELETE_QUARANTINED = delete(quarantine).where(quarantine.c.quarantine_id.in_(_ids))

SEQS = select(message.c.seq).where(message.c.key_id == _key, message.c.event_number.in_(_ids))
DELETE_SOME = tuple(
    delete(table).where(table.c.key_id == _key, table.c.seq.in_(_ids)) for table in (dead_letter, side_queue, message)
)
DELETE_SOME_EVENTS = delete(event).where(event.c.key_id == _key, event.c.event_number.in_(_ids))


class _Cursor(NamedTuple):
    """A locked cursor, as far as it matters here."""

    subscription_id: int
    key_id: int
    head_seq: int | None
    position: int
    side_place: int | None

    @property
    def done(self) -> Done:
        """The head is over. What came out of the side queue is beside the order: it moves nobody forwards."""
        position = self.position if self.side_place is not None else self.head_seq or self.position
        return Done(self.subscription_id, self.key_id, position, self.side_place)


def erase(transaction: Transaction, customer: Customer, elsewhere: Elsewhere, failure: Failure, now_ms: int) -> Erased:
    """Erases in one transaction; messages that wait fail with `failure`. A repeat finds nothing left.

    The bytes of media are elsewhere: `MediaLog.bytes_to_go` names them from now on.
    """
    named = {"the_page": customer.page_id, "the_psid": customer.psid}
    events = messages = of_media = 0
    left: tuple[str, ...] = ()
    # The page's own conversation first: keys are locked in their order.
    page = transaction.execute(LOCK_KEY, {**named, "the_psid": ""}).one_or_none() if elsewhere.page_events else None
    if page is not None:
        events += delete_events(transaction, page.key_id, elsewhere.page_events, now_ms)
    key = transaction.execute(LOCK_KEY, named).one_or_none()
    if key is not None:
        messages = _empty_outbound(transaction, customer.page_id, key.key_id, failure, now_ms)
        until = {"now_ms": now_ms, "expire_ms": now_ms + LINKS_SAY_GONE_MS}
        # Their rows go with their bytes.
        of_media = transaction.execute(EXPIRE_FILES, {"ids": sorted(elsewhere.files), "now_ms": now_ms}).rowcount
        left = tuple(transaction.execute(LEFT_IN_FILE_ENGINE, {"the_key": key.key_id}).scalars())
        of_media += transaction.execute(EMPTY_MEDIA, {"the_key": key.key_id, **until}).rowcount
        events += _delete_conversation(transaction, key.key_id, key.last_seq, now_ms)
    transaction.execute(FORGET_PROFILE, named)
    transaction.execute(FORGET_UPLOADS, named)
    quarantined = transaction.execute(DELETE_QUARANTINED, {"ids": sorted(elsewhere.quarantine_ids)}).rowcount
    return Erased(events=events, messages=messages, media=of_media, quarantined=quarantined, left_in_file_engine=left)


def delete_events(transaction: Transaction, key_id: int, event_numbers: Collection[int], now_ms: int) -> int:
    """Deletes some events of a conversation, whose row is locked; cursors that stood on them go on.

    Returns how many there were.
    """
    chosen = {"the_key": key_id, "ids": sorted(event_numbers)}
    cursors = _locked_cursors(transaction, key_id)
    seqs = set(transaction.execute(SEQS, chosen).scalars())
    for statement in DELETE_SOME:
        transaction.execute(statement, {"the_key": key_id, "ids": sorted(seqs)})
    for statement in FORGET_RECEIPTS:
        transaction.execute(statement, {"the_key": key_id})
    count: int = transaction.execute(DELETE_SOME_EVENTS, chosen).rowcount
    over = [cursor.done for cursor in cursors if cursor.head_seq in seqs]
    if over:
        steps = [step.ready_from(now_ms) for step in steps_after(transaction, over)]
        advance(transaction, steps, owner="", until_ms=now_ms)
        tell(transaction, Topic.READY, {step.subscription_id for step in steps if step.head_seq is not None})
    return count


def _delete_conversation(transaction: Transaction, key_id: int, last_seq: int, now_ms: int) -> int:
    """Deletes everything that a conversation holds; its cursors stand behind the last of it. How many events."""
    cursors = _locked_cursors(transaction, key_id)
    for statement in (*DELETE_CONVERSATION, *FORGET_RECEIPTS):
        transaction.execute(statement, {"the_key": key_id})
    count: int = transaction.execute(DELETE_EVENTS, {"the_key": key_id}).rowcount
    nothing = (None,) * 5
    steps = [Step(cursor.subscription_id, key_id, last_seq, *nothing) for cursor in cursors]
    if steps:
        advance(transaction, steps, owner="", until_ms=now_ms)
    return count


def _empty_outbound(transaction: Transaction, page_id: str, key_id: int, failure: Failure, now_ms: int) -> int:
    """Ends what waits and empties every message to the customer; how many held anything."""
    ids = list(transaction.execute(WRITTEN_TO, {"the_key": key_id}).scalars())
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        messages = LockedMessages(transaction, [MessageKey(page_id=page_id, cim_id=cim_id) for cim_id in some])
        for key in messages:
            if messages[key].open and all(part.state not in UNDECIDED for part in messages[key].parts):
                messages.close(key, failure, now_ms)
        messages.save()
        chosen = {"the_page": page_id, "ids": some}
        transaction.execute(EMPTY_MESSAGES, {**chosen, "now_ms": now_ms})
        transaction.execute(EMPTY_PARTS, chosen)
    return len(ids)


def _locked_cursors(transaction: Transaction, key_id: int) -> list[_Cursor]:
    names = [(subscription.subscription_id, key_id) for subscription in standing_subscriptions(transaction)]
    return [_Cursor(row[0], row[1], row[3], row[8], row[9]) for row in cursor_statements.LOCK.fetch(transaction, names)]
