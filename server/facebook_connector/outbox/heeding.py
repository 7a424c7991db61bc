"""What an answer of Facebook means beyond its own message: for the other lanes of the page, and for the channel."""

from __future__ import annotations

from facebook_connector.outbox.context import OutboxContext
from facebook_connector.outbox.page import Page
from facebook_connector.sending.answers import Outcome
from facebook_connector.sending.pace import PAGE_RESTRICTED
from facebook_connector.sending.values import Lane, SendingChannel
from facebook_connector.sending.verdicts import Action
from service_runtime.logs import get_logger

log = get_logger("outbox")


def heed_page(context: OutboxContext, page: Page, lane: Lane, outcome: Outcome) -> None:
    """What the answer means for the other lanes of the page, at once."""
    verdict, now_ms, draw = outcome.verdict, context.clock.now_ms(), context.random()
    page.used(outcome.usage_percent, now_ms)
    if verdict.action is Action.SENT:
        page.answered(now_ms)
        context.typing.ended(lane)
    elif verdict.action is Action.THROTTLE:
        page.throttled(now_ms, outcome.regain_ms, draw)
        log.warning("page throttled by Facebook", page=page.page_id, detail=verdict.detail)
    elif verdict.action is Action.WAIT:
        page.unreachable(now_ms, draw)
        log.warning("Facebook cannot be reached", page=page.page_id, detail=verdict.detail)
    elif verdict.action is Action.STOP:
        page.halt()


async def heed_channel(context: OutboxContext, page: Page, channel: SendingChannel, outcome: Outcome) -> None:
    """What the answer means for the channel, on every server. Raises `StoreUnavailable`."""
    if outcome.verdict.alert:
        _alert(page.page_id, outcome)
    if outcome.verdict.action is Action.STOP and outcome.error is not None:
        await context.channels.stop(channel, outcome.verdict.reason, outcome.error)
        # A look in between may have found the channel still running and let the page go on.
        page.halt()
        if outcome.verdict.reason == PAGE_RESTRICTED:
            page.restricted()
    elif outcome.verdict.action is Action.THROTTLE and not channel.throttled:
        await context.channels.throttle(channel, outcome.verdict.detail)
    elif outcome.verdict.action is Action.SENT and channel.throttled:
        await context.channels.recover(channel)
    if outcome.lost_human_agent:
        await context.channels.clear_human_agent(channel)


def _alert(page_id: str, outcome: Outcome) -> None:
    error = outcome.error
    log.error(
        "Facebook refuses what concerns the whole page",
        page=page_id,
        reason=outcome.verdict.reason,
        detail=outcome.verdict.detail,
        code=error.code if error else None,
        subcode=error.subcode if error else None,
        trace=error.trace_id if error else "",
    )
