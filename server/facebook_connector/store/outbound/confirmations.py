"""What the echoes of our own sends settle: the parts they name were taken by Facebook, at the times the echoes say."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, or_, select, update

from facebook_connector.sending import skew
from facebook_connector.sending.settlement import ON_ITS_WAY, may_become
from facebook_connector.sending.values import MessageKey, PartState
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query, Row, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.echoes import OwnEcho
from facebook_connector.store.outbound.changes import LockedMessages, PartChange
from facebook_connector.store.outbound.schema import outbound_part
from facebook_connector.store.outbound.statements import CLOCK_SKEW
from facebook_connector.store.schema import installation

CONFIRMED = "Facebook sent the echo of it"

_parts = Batch(page_id=TEXT, cim_id=TEXT, part_index=NUMBER, sent_time_ms=NUMBER)
_same_part = (
    (outbound_part.c.page_id == _parts.rows.c.page_id)
    & (outbound_part.c.cim_id == _parts.rows.c.cim_id)
    & (outbound_part.c.part_index == _parts.rows.c.part_index)
)
_taken = or_(*(outbound_part.c.state == state.value for state in sorted(ON_ITS_WAY)))

UNSETTLED = Query(
    select(outbound_part.c.page_id, outbound_part.c.cim_id, outbound_part.c.part_index)
    .join(_parts.rows, _same_part)
    .where(~_taken),
    _parts,
)
"""The parts among these whose fate is not known yet."""

ANSWERED = Query(
    select(
        outbound_part.c.page_id,
        outbound_part.c.cim_id,
        outbound_part.c.part_index,
        outbound_part.c.update_time_ms,
        CLOCK_SKEW.label("skew_ms"),
    )
    .join(_parts.rows, _same_part)
    .where(outbound_part.c.state == PartState.SENT.value),
    _parts,
)
"""The parts among these that were answered and not heard of since, with the time of the answer."""

NOTE_SKEW = update(installation).values(clock_skew_ms=bindparam("skew_ms", type_=NUMBER))

DATE = Statement(
    _parts, update(outbound_part).where(_same_part, _taken).values(sent_time_ms=_parts.rows.c.sent_time_ms)
)
"""Takes over the echo's time, by Facebook's clock: the watermarks of receipts compare with it."""

PartName = tuple[str, str, int]
"""Page, CIM id and part."""


def confirm_parts(transaction: Transaction, echoes: Iterable[OwnEcho], now_ms: int) -> None:
    """Settles the parts that these echoes name, whatever was believed of them; those long forgotten are left out.

    Usually the answer to the call has settled the part already, and only its time is set.
    """
    echo_of = {(echo.page_id, echo.cim_id, echo.part_index): echo for echo in echoes}
    if not echo_of:
        return
    rows = [(*part, now_ms if echo.event_time_ms is None else echo.event_time_ms) for part, echo in echo_of.items()]
    _measure_skew(transaction, echo_of, rows)
    unsettled = {(page_id, cim_id, index) for page_id, cim_id, index in UNSETTLED.fetch(transaction, rows)}
    if unsettled:
        _settle(transaction, {part: echo_of[part] for part in unsettled}, now_ms)
    DATE.execute(transaction, rows)


def _measure_skew(transaction: Transaction, echo_of: dict[PartName, OwnEcho], rows: Iterable[Row]) -> None:
    """Compares answers with their echoes: what was measured dates messages that get none."""
    answered = sorted(map(tuple, ANSWERED.fetch(transaction, rows)))
    times = ((answer_ms, echo_of[page_id, cim_id, index]) for page_id, cim_id, index, answer_ms, _ in answered)
    samples = [answer_ms - echo.event_time_ms for answer_ms, echo in times if echo.event_time_ms is not None]
    if samples:
        known_ms = answered[0][4]
        skew_ms = skew.measured(known_ms, samples)
        if skew.is_worth_noting(known_ms, skew_ms):
            transaction.execute(NOTE_SKEW, {"skew_ms": skew_ms})


def _settle(transaction: Transaction, echo_of: dict[PartName, OwnEcho], now_ms: int) -> None:
    keys = {MessageKey(page_id=page_id, cim_id=cim_id) for page_id, cim_id, _ in echo_of}
    messages = LockedMessages(transaction, keys)
    for (page_id, cim_id, index), echo in echo_of.items():
        key = MessageKey(page_id=page_id, cim_id=cim_id)
        # Looked at again under the lock: the answer may have come meanwhile.
        if may_become(messages.part(key, index).state, PartState.SENT):
            messages.change_part(
                key, PartChange(index=index, now_ms=now_ms, state=PartState.SENT, detail=CONFIRMED, mid=echo.mid)
            )
    messages.save()
