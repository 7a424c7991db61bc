from __future__ import annotations

import asyncio
from typing import Any

from facebook_connector.outbox.waiters import Waiters
from facebook_connector.sending.values import MessageKey, MessageState, OutboundStatus, SendOrigin

KEY = MessageKey(page_id="1", cim_id="out-1")
SOON = 0.01


def status(**changes: Any) -> OutboundStatus:
    values: dict[str, Any] = {"state": MessageState.QUEUED, "open": True, **changes}
    return OutboundStatus(
        page_id="1",
        psid="2",
        cim_id="out-1",
        content_hash="1:0",
        origin=SendOrigin.BOT,
        accept_time_ms=0,
        expire_time_ms=0,
        update_time_ms=0,
        parts=(),
        **values,
    )


SENT = status(state=MessageState.SENT, open=False)


async def test_the_wait_ends_when_the_message_closes() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as watch:
        waiting = asyncio.create_task(watch.closed(60))
        waiters.tell(SENT)
        await waiting
        assert watch.latest is SENT


async def test_the_wait_ends_with_its_time() -> None:
    with Waiters().watch(KEY) as watch:
        await watch.closed(SOON)
        assert watch.latest is None


async def test_what_was_told_before_the_wait_counts() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as watch:
        waiters.tell(SENT)
        await watch.closed(60)


async def test_a_message_that_is_open_does_not_end_the_wait() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as watch:
        waiters.tell(status(state=MessageState.UNCERTAIN))
        await watch.closed(SOON)
        assert watch.latest is not None
        assert watch.latest.state is MessageState.UNCERTAIN


async def test_what_was_read_before_the_message_closed_comes_too_late() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as watch:
        waiters.tell(SENT)
        waiters.tell(status())
        assert watch.latest is SENT


async def test_all_who_wait_for_a_message_hear_of_it() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as first, waiters.watch(KEY) as second:
        waiters.tell(SENT)
        assert first.latest is second.latest is SENT


async def test_a_stop_ends_all_waits() -> None:
    waiters = Waiters()
    with waiters.watch(KEY) as watch:
        waiters.release()
        await watch.closed(60)
        assert watch.latest is None


async def test_nobody_is_remembered_who_waits_no_more() -> None:
    waiters = Waiters()
    with waiters.watch(KEY):
        assert waiters.keys() == (KEY,)
    assert waiters.keys() == ()
