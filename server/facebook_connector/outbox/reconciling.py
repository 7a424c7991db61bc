"""Looks into the conversation for a part whose call nobody saw ending, and says what that settles."""

from __future__ import annotations

from facebook_connector.outbox.context import OutboxContext
from facebook_connector.sending.answers import after_absence, after_finding
from facebook_connector.sending.lane import Situation
from facebook_connector.sending.reconciliation import Absent, Found, Unreadable, find
from facebook_connector.sending.values import LanePart, PartSettlement, SendingChannel
from service_runtime.logs import get_logger

log = get_logger("outbox")


async def reconcile(
    context: OutboxContext, situation: Situation, part: LanePart, channel: SendingChannel
) -> PartSettlement | Unreadable | None:
    """What the conversation settles; None: nothing yet, `Unreadable`: it could not be read.

    Raises `StoreUnavailable`.
    """
    head = situation.head
    view = await context.conversations.read(channel, head.lane.psid)
    if isinstance(view, Unreadable):
        _tell(situation, view.detail)
        return view
    # Asked after the view was read: what an echo has claimed by now is not taken for this part.
    mids = tuple(message.mid for message in view.messages if message.of_page)
    claims = await context.log.claims(head.lane.page_id, head.cim_id, part.index, mids)
    match find(part, view, claims):
        case Found(mid=mid):
            return after_finding(situation, part, mid)
        case Absent():
            return after_absence(situation, part)
        case undecided:
            _tell(situation, undecided.detail)
            return None


def _tell(situation: Situation, detail: str) -> None:
    log.info(
        "uncertain message not settled yet", page=situation.head.lane.page_id, message=situation.head.cim_id, why=detail
    )
