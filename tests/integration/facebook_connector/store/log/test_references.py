"""Quotes, taps, reactions, edits, unsends and echoes: resolved when they are stored, in whichever order they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import insert, select, update

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.values import EventRecord, Head, OwnerRecord, RefsRecord
from facebook_connector.sending.values import PartState
from facebook_connector.store.log.reference_schema import waiting_event, waiting_message
from facebook_connector.store.log.references import WAIT_MS
from facebook_connector.store.schema import channel, event, mid, subscription
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PSID, an_event
from tests.support.outbound_queue import OutboundQueue
from tests.support.references import (
    OWN_APP,
    Delivered,
    a_button_message,
    a_quote,
    a_reaction,
    a_said,
    a_tap,
    an_app_echo,
    an_edit,
    an_unsend,
    cim_id,
)

DUE_MS = NOW_MS + WAIT_MS
LATER_MS = DUE_MS + 60_000
ALL_KINDS = 0b111111110


@pytest.fixture
async def wide(log: Log) -> Log:
    """The log, read by a subscription of all kinds, of a page with an app id."""
    await log.database.write(lambda t: t.execute(update(subscription).values(kinds=ALL_KINDS)))
    await log.database.write(lambda t: t.execute(update(channel).values(app_id=OWN_APP)))
    return log


async def opened(log: Log) -> list[Delivered]:
    return [Delivered(head) for head in await drained(log)]


async def drained(log: Log) -> list[Head]:
    """Everything, whenever it became ready."""
    delivered: list[Head] = []
    while heads := await log.claim(now_ms=LATER_MS):
        delivered += heads
        while heads:
            outcomes = await log.acknowledge(heads, now_ms=LATER_MS)
            heads = [outcome.next_head for outcome in outcomes if outcome.next_head]
            delivered += heads
    return delivered


async def waiting(log: Log) -> int:
    return len(await log.database.read(lambda t: t.execute(select(waiting_event)).all()))


async def test_a_quote_names_the_first_part_of_what_it_quotes(log: Log) -> None:
    await log.ingest(a_said("m_1", parts=2), a_quote("m_2", "m_1"))
    quote = (await opened(log))[-1]
    assert (quote.original, quote.message.header.intent) == (cim_id("m_1"), "REPLY_TO")
    assert not quote.context.reply_to_mid


async def test_a_quote_of_an_earlier_batch_is_found(log: Log) -> None:
    await log.ingest(a_said("m_1"))
    await log.ingest(a_quote("m_2", "m_1"))
    assert (await opened(log))[-1].original == cim_id("m_1")


async def test_a_quote_of_what_is_unknown_keeps_the_mid_and_loses_its_intent(log: Log) -> None:
    await log.ingest(a_quote("m_2", "m_unknown"))
    (quote,) = await opened(log)
    assert not quote.message.header.HasField("original_message_id")
    assert not quote.message.header.HasField("intent")
    assert quote.context.reply_to_mid == "m_unknown"


async def test_a_quote_of_our_own_message_names_it(log: Log) -> None:
    queue = OutboundQueue(log.database)
    await queue.accept(parts=2)
    await queue.own()
    await queue.send("out-1", 0)
    await queue.send("out-1", 1)
    await log.ingest(a_quote("m_2", "m_out-1.1"))
    assert (await opened(log))[-1].original == "out-1"


async def test_a_tap_belongs_to_the_newest_button_message_that_offers_its_payload(log: Log) -> None:
    queue = OutboundQueue(log.database)
    for name, payloads in (("old", ("YES", "NO")), ("new", ("YES",)), ("other", ("MAYBE",))):
        await queue.accept(name, message=a_button_message(*payloads))
    await queue.own()
    for name in ("old", "new", "other"):
        await queue.send(name)
    await log.ingest(a_tap("m_1", "YES"), a_tap("m_2", "NO"), a_tap("m_3", "NEVER_OFFERED"))
    yes, no, never = await opened(log)
    assert (yes.original, yes.message.header.intent) == ("new", "YES")
    assert no.original == "old"
    assert not never.message.header.HasField("original_message_id")
    assert never.message.header.intent == "NEVER_OFFERED"


async def test_a_tap_that_names_its_message_belongs_to_that(log: Log) -> None:
    queue = OutboundQueue(log.database)
    for name in ("old", "new"):
        await queue.accept(name, message=a_button_message("YES"))
    await queue.own()
    for name in ("old", "new"):
        await queue.send(name)
    await log.ingest(a_tap("m_1", "YES", on="m_old.0"))
    (tap,) = await opened(log)
    assert (tap.original, tap.context.reply_to_mid) == ("old", "")


async def test_a_button_message_that_was_not_sent_offers_nothing(log: Log) -> None:
    await OutboundQueue(log.database).accept("new", message=a_button_message("YES"))
    await log.ingest(a_tap("m_1", "YES"))
    assert not (await opened(log))[0].message.header.HasField("original_message_id")


@pytest.mark.parametrize("about", [a_reaction, an_unsend, lambda target: an_edit(target, 1)])
async def test_what_is_about_a_known_message_goes_at_once(log: Log, about: object) -> None:
    await log.ingest(a_said("m_1"), about("m_1"), an_event("m_2"))  # type: ignore[operator]
    said, second, third = await drained(log)
    assert Delivered(second).original == cim_id("m_1")
    assert not Delivered(second).context.target_mid
    assert (said.cim_id, third.cim_id) == (cim_id("m_1"), "cim-m_2-0")
    assert not second.late


async def test_what_waits_holds_back_nothing_and_goes_after_its_target(log: Log) -> None:
    await log.ingest(a_reaction("m_1"), an_event("m_0"))
    assert [head.cim_id for head in await drained(log)] == ["cim-m_0-0"]
    await log.ingest(a_said("m_1"))
    said, reaction = await drained(log)
    assert (said.cim_id, Delivered(reaction).original) == (cim_id("m_1"), cim_id("m_1"))
    assert await waiting(log) == 0
    assert await log.database.read(lambda t: t.execute(select(waiting_message)).all()) == []


async def test_after_its_time_it_goes_with_the_mid(log: Log) -> None:
    await log.ingest(a_reaction("m_1"))
    assert await log.events.settle_due(DUE_MS - 1) == frozenset()
    assert await drained(log) == []
    assert await log.events.settle_due(DUE_MS) == {log.subscription_id}
    (reaction,) = await opened(log)
    assert reaction.context.target_mid == "m_1"
    assert not reaction.message.header.HasField("original_message_id")
    assert await log.events.settle_due(DUE_MS) == frozenset()


async def test_what_opens_the_window_opens_it_also_while_it_waits(log: Log) -> None:
    await log.ingest(a_reaction("m_1"))
    await log.events.settle_due(DUE_MS)
    (reaction,) = await opened(log)
    assert reaction.context.window_close_time.ToMilliseconds() == NOW_MS - 1000 + 24 * 3_600_000


async def test_an_unsend_names_each_part_and_has_ids_of_its_own(log: Log) -> None:
    await log.ingest(a_said("m_1", parts=3), an_unsend("m_1"))
    unsends = (await opened(log))[3:]
    assert [one.message.body.deleted_notification.message_id for one in unsends] == [
        cim_id("m_1", part) for part in range(3)
    ]
    assert [one.original for one in unsends] == [cim_id("m_1", part) for part in range(3)]
    assert len({one.message.id for one in unsends}) == 3
    assert all(one.message.id == one.head.cim_id for one in unsends)


async def test_a_lower_edit_that_comes_later_is_stored_and_not_delivered(log: Log) -> None:
    await log.ingest(a_said("m_1"))
    await log.ingest(an_edit("m_1", 2))
    await log.ingest(an_edit("m_1", 1))
    assert [one.message.body.markdown_text for one in await opened(log)] == ["m_1.0", "m_1 again 2"]
    assert len(await log.database.read(lambda t: t.execute(select(event)).all())) == 3


async def test_of_edits_that_waited_only_the_highest_is_delivered(log: Log) -> None:
    for one in (an_edit("m_1", 1), an_edit("m_1", 2), a_said("m_1")):
        await log.ingest(one)
    assert [one.message.body.markdown_text for one in await opened(log)] == ["m_1.0", "m_1 again 2"]


async def test_edits_in_their_order_are_all_delivered(log: Log) -> None:
    for one in (a_said("m_1"), an_edit("m_1", 1), an_edit("m_1", 2)):
        await log.ingest(one)
    assert len(await drained(log)) == 3


STORY = {
    "message": a_said("m_1", parts=2),
    "edit 1": an_edit("m_1", 1),
    "edit 2": an_edit("m_1", 2),
    "reaction": a_reaction("m_1"),
    "unsend": an_unsend("m_1"),
}


@pytest.mark.parametrize("together", [True, False])
async def test_in_every_order_the_same_is_told(log: Log, together: bool) -> None:
    for number, names in enumerate(permutations(STORY)):
        # Each order has a conversation, and Messenger ids, of its own.
        events = [_renamed(STORY[name], f"{number}") for name in names]
        if together:
            await log.ingest(*events)
        else:
            for one in events:
                await log.ingest(one)
    told: dict[str, list[Delivered]] = {}
    for head in await drained(log):
        told.setdefault(head.ordering_key, []).append(Delivered(head))
    assert len(told) == 120
    assert await waiting(log) == 0
    for conversation in told.values():
        texts = [one.message.body.markdown_text for one in conversation]
        assert texts[0] == "m_1.0"
        assert texts.index("m_1 again 2") > 1
        assert "m_1 again 1" not in texts[texts.index("m_1 again 2") :]
        types = [one.message.body.type for one in conversation]
        assert (types.count("CUSTOM"), types.count("DELETEDNOTIFICATION")) == (1, 2)
        assert all(one.original for one in conversation[2:])
        sequence = [one.head.token.seq for one in conversation]
        assert sequence == list(range(1, len(sequence) + 1))


async def test_the_same_webhook_gives_the_same_bytes(log: Log) -> None:
    events = [a_said("m_1", parts=2), a_quote("m_2", "m_1"), an_edit("m_1", 1), an_unsend("m_1")]
    await log.ingest(*events)
    once = [head.message for head in await drained(log)]
    await log.ingest(*events)
    assert await drained(log) == []
    assert len(once) == 6


async def test_the_echo_of_another_app_is_foreign_at_once(wide: Log) -> None:
    await wide.ingest(an_app_echo("m_9", "777"))
    (echo,) = await opened(wide)
    assert echo.head.kind == inbound_pb2.EVENT_KIND_FOREIGN_ECHO
    assert not echo.context.echo.same_app


async def test_an_echo_of_our_app_that_nobody_sent_is_foreign_after_a_while(wide: Log) -> None:
    await wide.ingest(an_app_echo("m_9"))
    assert await drained(wide) == []
    await wide.events.settle_due(DUE_MS)
    (echo,) = await opened(wide)
    assert echo.head.kind == inbound_pb2.EVENT_KIND_FOREIGN_ECHO
    assert echo.context.echo.same_app


async def test_an_echo_of_our_app_confirms_the_send_that_was_in_flight(wide: Log) -> None:
    queue = OutboundQueue(wide.database)
    await queue.accept()
    await queue.own()
    await queue.begin()
    await wide.ingest(an_app_echo("m_out-1.0"))
    await queue.settle(PartState.SENT)
    await wide.events.settle_due(NOW_MS + 1000)
    assert await waiting(wide) == 0
    await wide.events.settle_due(DUE_MS)
    assert await drained(wide) == []


async def test_a_foreign_echo_can_be_quoted_and_reacted_to(wide: Log) -> None:
    await wide.ingest(a_reaction("m_9"), an_app_echo("m_9"))
    await wide.events.settle_due(DUE_MS)
    await wide.events.settle_due(DUE_MS + 1000)
    delivered = await opened(wide)
    assert {one.head.kind for one in delivered} == {
        inbound_pb2.EVENT_KIND_FOREIGN_ECHO,
        inbound_pb2.EVENT_KIND_REACTION,
    }
    rows = await wide.database.read(lambda t: t.execute(select(mid.c.mid)).scalars().all())
    assert list(rows) == ["m_9"]


def control(name: str, app_id: str | None, time_ms: int) -> EventRecord:
    refs = RefsRecord(owner=OwnerRecord(app_id=app_id))
    return a_said(name, kind=inbound_pb2.EVENT_KIND_PAGE_EVENT, mid="", refs=refs, event_time_ms=time_ms)


async def test_a_message_tells_who_owned_the_conversation(wide: Log) -> None:
    await wide.ingest(control("c_1", OWN_APP, NOW_MS - 3000), a_said("m_1"))
    await wide.ingest(control("c_2", "777", NOW_MS - 2000))
    await wide.ingest(control("c_3", "888", NOW_MS - 2500))
    await wide.ingest(a_said("m_2"))
    _, first, *_, second = await opened(wide)
    assert (first.context.thread_owner.app_id, first.context.thread_owner.owned_by_this_app) == (OWN_APP, True)
    assert (second.context.thread_owner.app_id, second.context.thread_owner.owned_by_this_app) == ("777", False)
    assert second.context.thread_owner.observe_time.ToMilliseconds() == NOW_MS - 2000


async def test_standby_says_that_we_no_longer_own_the_conversation(wide: Log) -> None:
    await wide.ingest(control("c_1", OWN_APP, NOW_MS - 3000))
    await wide.ingest(control("s_1", None, NOW_MS - 2000))
    await wide.ingest(a_said("m_2"))
    assert not (await opened(wide))[-1].context.HasField("thread_owner")


@pytest.mark.parametrize(
    ("entry_list", "said_ms", "owner"),
    [
        ("messaging", NOW_MS - 1999, ""),
        # Said before the other app took control, and only delivered later.
        ("messaging", NOW_MS - 2000, "777"),
        ("standby", NOW_MS - 1000, "777"),
    ],
)
async def test_what_a_customer_says_to_us_directly_shows_that_the_other_app_has_let_go(
    wide: Log, entry_list: str, said_ms: int, owner: str
) -> None:
    await wide.ingest(control("c_1", "777", NOW_MS - 2000))
    await wide.ingest(a_said("m_1", entry_list=entry_list, event_time_ms=said_ms))
    await wide.ingest(a_said("m_2"))
    _, *later = await opened(wide)
    assert [each.context.thread_owner.app_id for each in later] == [owner, owner]


async def test_our_own_control_outlasts_what_a_customer_says(wide: Log) -> None:
    await wide.ingest(control("c_1", OWN_APP, NOW_MS - 2000))
    await wide.ingest(a_said("m_1", entry_list="messaging"))
    assert (await opened(wide))[-1].context.thread_owner.owned_by_this_app


async def test_a_conversation_without_any_such_event_has_no_known_owner(log: Log) -> None:
    await log.ingest(a_said("m_1"))
    assert not (await opened(log))[0].context.HasField("thread_owner")


def _renamed(record: EventRecord, suffix: str) -> EventRecord:
    """The same event in a conversation of its own."""
    refs = record.refs and replace(record.refs, target_mid=f"{record.refs.target_mid}-{suffix}")
    return replace(
        record,
        psid=f"{PSID}{suffix}",
        dedupe_key=f"{record.dedupe_key}-{suffix}",
        mid=record.mid and f"{record.mid}-{suffix}",
        refs=refs,
    )


async def test_a_reaction_on_another_page_knows_nothing_of_the_message(log: Log) -> None:
    row = {"page_id": "999", "mid": "m_1", "part": 0, "cim_id": "x", "direction": "IN", "create_time_ms": 0}
    await log.database.write(lambda t: t.execute(insert(mid).values(**row)))
    await log.ingest(a_reaction("m_1"))
    assert await waiting(log) == 1
