from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_pb2 as pb
from facebook_connector.delivery.profiles import HOLD_MS, Names
from facebook_connector.delivery.values import EventRecord, Head, MessageRecord, Release
from facebook_connector.store.database import Database
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.log.holding import MEDIA_HOLD_MS
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from facebook_connector.store.profiles.log import ProfileLog
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.profiles.statements import KEPT_MS
from facebook_connector.store.profiles.values import Lookup, LookupEnd
from facebook_connector.store.schema import message_hold
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, PSID, an_event
from tests.support.media_records import a_medium_event

DAY_MS = 24 * 3600 * 1000
UNTIL_MS = NOW_MS + 60_000
HELD_MS = NOW_MS + HOLD_MS
ALI = Names(first="Ali", last="Raza")
FRESH = LookupEnd(names=ALI, fresh_until_ms=NOW_MS + DAY_MS)
NOBODY = LookupEnd(fresh_until_ms=NOW_MS + DAY_MS)
FAILED = LookupEnd(retry_ms=NOW_MS + 500, fresh_until_ms=NOW_MS + 1_000)


@pytest.fixture
async def log(log: Log) -> Log:
    return replace(log, events=EventStore(log.database, profiles=True))


@pytest.fixture
def profiles(database: Database) -> ProfileLog:
    return ProfileLog(database)


def said(name: str = "m_1", *, kind: int = pb.EVENT_KIND_MESSAGE, psid: str = PSID) -> EventRecord:
    message = CimMessage(id=f"cim-{name}")
    message.header.channel_data.channel_customer_identifier = psid
    record = MessageRecord(cim_id=message.id, message=message.SerializeToString(), context=b"")
    return an_event(name, messages=(record,), kind=kind, psid=psid)


def names(head: Head) -> tuple[str, str]:
    data = CimMessage.FromString(head.message).header.channel_data
    assert data.channel_customer_identifier
    return data.customer_first_name, data.customer_last_name


async def claimed(profiles: ProfileLog, owner: str = "server-1", *, now_ms: int = NOW_MS) -> list[Lookup]:
    return await profiles.claim(owner, now_ms=now_ms, until_ms=now_ms + 60_000, limit=10)


async def settled(profiles: ProfileLog, end: LookupEnd = FRESH) -> frozenset[int] | None:
    (lookup,) = await claimed(profiles)
    return await profiles.settle(lookup, end, now_ms=NOW_MS)


async def holds(log: Log) -> int:
    return len(await log.database.read(lambda transaction: transaction.execute(select(message_hold)).all()))


async def test_what_a_new_person_says_waits_for_their_names(log: Log, profiles: ProfileLog) -> None:
    report = await log.ingest(said())

    assert report.wants_profiles
    assert await profiles.is_due(now_ms=NOW_MS)
    assert await log.claim(now_ms=HELD_MS - 1) == []
    assert await settled(profiles) == frozenset({log.subscription_id})
    (head,) = await log.claim()
    assert names(head) == ("Ali", "Raza")
    assert await holds(log) == 0


@pytest.mark.parametrize("end", [NOBODY, FAILED])
async def test_an_end_without_names_lets_it_go_too(log: Log, profiles: ProfileLog, end: LookupEnd) -> None:
    await log.ingest(said())

    assert await settled(profiles, end) == frozenset({log.subscription_id})
    (head,) = await log.claim()
    assert names(head) == ("", "")


async def test_it_goes_when_the_hold_is_over(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said())
    (lookup,) = await claimed(profiles)
    (first,) = await log.claim(now_ms=HELD_MS)

    assert names(first) == ("", "")
    assert await profiles.settle(lookup, FRESH, now_ms=HELD_MS) == frozenset()
    assert await holds(log) == 0


async def test_what_comes_next_has_the_names(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"), said("m_2"))
    (lookup,) = await claimed(profiles)
    heads = await log.claim(now_ms=HELD_MS)
    await profiles.settle(lookup, FRESH, now_ms=HELD_MS)
    (outcome,) = await log.acknowledge(heads, now_ms=HELD_MS)

    assert outcome.next_head is not None
    assert names(outcome.next_head) == ("Ali", "Raza")


async def test_a_redelivery_has_the_names_that_came_meanwhile(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said())
    (lookup,) = await claimed(profiles)
    (first,) = await log.claim(now_ms=HELD_MS)
    await profiles.settle(lookup, FRESH, now_ms=HELD_MS)
    await log.cursors.release([Release(token=first.token, ready_at_ms=HELD_MS, counted=False)], now_ms=HELD_MS)
    (second,) = await log.claim(now_ms=HELD_MS)

    assert (names(first), names(second)) == (("", ""), ("Ali", "Raza"))
    assert first.cim_id == second.cim_id


async def test_only_their_own_conversation_waits(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_0", psid="known"))
    await settled(profiles)
    await log.drain()
    report = await log.ingest(said("m_1"), said("m_2", psid="known"))

    assert report.ready_subscriptions == {log.subscription_id}
    assert [head.cim_id for head in await log.claim()] == ["cim-m_2"]


async def test_many_messages_of_one_person_make_one_lookup_and_leave_in_order(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(*(said(f"m_{number}") for number in range(25)))
    for number in range(25, 50):
        await log.ingest(said(f"m_{number}"))

    assert await log.claim() == []
    (lookup,) = await claimed(profiles)
    assert not await profiles.is_due(now_ms=NOW_MS)
    await log.ingest(said("m_50"))
    assert await claimed(profiles, "server-2") == []
    assert await profiles.settle(lookup, FRESH, now_ms=NOW_MS) == frozenset({log.subscription_id})
    heads = await log.drain()
    assert [head.cim_id for head in heads] == [f"cim-m_{number}" for number in range(51)]
    assert {names(head) for head in heads} == {("Ali", "Raza")}


async def test_a_later_message_waits_no_longer_than_the_first(log: Log) -> None:
    await log.ingest(said("m_1", kind=pb.EVENT_KIND_CUSTOMER_EVENT))
    report = await log.ingest(said("m_2"), now_ms=NOW_MS + 1_000)

    assert not report.wants_profiles
    assert await log.claim(now_ms=HELD_MS - 1) == []
    assert [head.cim_id for head in await log.claim(now_ms=HELD_MS)] == ["cim-m_2"]


async def test_after_the_first_answer_nothing_waits(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"))
    await settled(profiles, FAILED)
    await log.drain()
    report = await log.ingest(said("m_2"))

    assert not report.wants_profiles
    assert [head.cim_id for head in await log.claim()] == ["cim-m_2"]
    (again,) = await claimed(profiles, now_ms=NOW_MS + 500)
    assert (again.attempts, again.hold_until_ms) == (1, None)


async def test_a_reaction_asks_and_does_not_wait(log: Log, profiles: ProfileLog) -> None:
    report = await log.ingest(said(kind=pb.EVENT_KIND_REACTION))

    assert report.wants_profiles
    assert len(await log.claim()) == 1
    assert await settled(profiles) == frozenset()


@pytest.mark.parametrize(
    "kind", [pb.EVENT_KIND_RECEIPT, pb.EVENT_KIND_STANDBY, pb.EVENT_KIND_FOREIGN_ECHO, pb.EVENT_KIND_PAGE_EVENT]
)
async def test_other_kinds_ask_for_nobody(log: Log, profiles: ProfileLog, kind: int) -> None:
    report = await log.ingest(said(kind=kind), said("m_2", psid=""))

    assert not report.wants_profiles
    assert await claimed(profiles) == []
    assert await holds(log) == 0


async def test_stale_names_are_used_while_they_are_asked_for_again(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"))
    await settled(profiles)
    await log.drain()
    fresh = await log.ingest(said("m_2"), now_ms=NOW_MS + DAY_MS - 1)
    stale = await log.ingest(said("m_3"), now_ms=NOW_MS + DAY_MS)

    assert (fresh.wants_profiles, stale.wants_profiles) == (False, True)
    (head,) = await log.claim(now_ms=NOW_MS + DAY_MS)
    assert names(head) == ("Ali", "Raza")
    (again,) = await claimed(profiles, now_ms=NOW_MS + DAY_MS)
    assert (again.hold_until_ms, again.attempts) == (None, 0)


async def test_names_that_are_not_told_any_more_stay(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"))
    await settled(profiles)
    await log.ingest(said("m_2"), now_ms=NOW_MS + DAY_MS)
    (again,) = await claimed(profiles, now_ms=NOW_MS + DAY_MS)
    await profiles.settle(again, NOBODY, now_ms=NOW_MS + DAY_MS)

    assert [names(head) for head in await log.claim()] == [("Ali", "Raza")]


async def test_a_name_that_is_gone_is_replaced_with_the_others(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"))
    await settled(profiles)
    await log.ingest(said("m_2"), now_ms=NOW_MS + DAY_MS)
    (again,) = await claimed(profiles, now_ms=NOW_MS + DAY_MS)
    await profiles.settle(again, LookupEnd(names=Names(first="Aly"), fresh_until_ms=0), now_ms=NOW_MS + DAY_MS)

    assert [names(head) for head in await log.claim()] == [("Aly", "")]


async def test_a_medium_and_a_profile_are_both_waited_for(log: Log, profiles: ProfileLog) -> None:
    media = MediaLog(log.database)
    await log.ingest(a_medium_event("m_1", "https://cdn.fbsbx.com/1"))
    (download,) = await media.claim("server-1", now_ms=NOW_MS, until_ms=UNTIL_MS, limit=1)
    await settled(profiles)

    assert await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS - 1) == []
    stored = MediaResult(mime_type="image/png", name="1.png", size=7, sha256="ab" * 32)
    await media.settle(download, stored, lambda *bytes_: bytes_, now_ms=NOW_MS, expire_time_ms=UNTIL_MS)
    assert len(await log.claim()) == 1


async def test_the_medium_may_come_first(log: Log, profiles: ProfileLog) -> None:
    media = MediaLog(log.database)
    await log.ingest(a_medium_event("m_1", "https://cdn.fbsbx.com/1"))
    (download,) = await media.claim("server-1", now_ms=NOW_MS, until_ms=UNTIL_MS, limit=1)
    stored = MediaResult(mime_type="image/png", name="1.png", size=7, sha256="ab" * 32)
    await media.settle(download, stored, lambda *bytes_: bytes_, now_ms=NOW_MS, expire_time_ms=UNTIL_MS)

    assert await log.claim(now_ms=HELD_MS - 1) == []
    assert await settled(profiles) == frozenset({log.subscription_id})
    assert len(await log.claim()) == 1


async def test_of_both_the_longer_hold_counts(log: Log) -> None:
    await log.ingest(a_medium_event("m_1", "https://cdn.fbsbx.com/1"))

    assert await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS - 1) == []
    assert len(await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS)) == 1


async def test_a_claim_that_is_over_settles_nothing(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said())
    (lost,) = await claimed(profiles)
    (present,) = await claimed(profiles, "server-2", now_ms=lost.until_ms)

    assert await profiles.settle(lost, FRESH, now_ms=NOW_MS) is None
    assert await profiles.settle(replace(present, owner="server-3"), FRESH, now_ms=NOW_MS) is None
    assert await log.claim() == []
    assert await profiles.settle(present, FRESH, now_ms=NOW_MS) is not None
    assert await profiles.settle(present, NOBODY, now_ms=NOW_MS) is None


async def test_a_restart_asks_again_for_what_an_earlier_run_asked_for(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said())
    await claimed(profiles, "earlier run")
    await profiles.end_earlier_claims("this run", now_ms=NOW_MS)

    assert len(await claimed(profiles, "this run")) == 1


async def test_the_newest_are_asked_for_first(log: Log, profiles: ProfileLog) -> None:
    for number in range(3):
        await log.ingest(said(f"m_{number}", psid=str(number)), now_ms=NOW_MS + number)
    claims = [await profiles.claim("a", now_ms=NOW_MS + 9, until_ms=UNTIL_MS, limit=1) for _ in range(3)]

    assert [lookup.psid for (lookup,) in claims] == ["2", "1", "0"]


async def test_deleting_the_row_forgets_the_person_also_while_somebody_asks(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said())
    (lookup,) = await claimed(profiles)
    await log.database.write(
        lambda transaction: transaction.execute(
            profile.delete().where(profile.c.page_id == PAGE, profile.c.psid == PSID)
        )
    )

    assert await profiles.settle(lookup, FRESH, now_ms=NOW_MS) is None
    (head,) = await log.claim(now_ms=HELD_MS)
    assert names(head) == ("", "")


async def test_a_profile_expires_long_after_it_was_asked_for(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(said("m_1"))
    await settled(profiles)
    await log.ingest(said("m_2"), now_ms=NOW_MS + DAY_MS)

    assert await profiles.forget_expired(now_ms=NOW_MS + KEPT_MS, limit=10) == 0
    assert await profiles.forget_expired(now_ms=NOW_MS + DAY_MS + KEPT_MS, limit=10) == 1
    assert await profiles.forget_expired(now_ms=NOW_MS + DAY_MS + KEPT_MS, limit=10) == 0


async def test_no_more_expire_at_once_than_asked(log: Log, profiles: ProfileLog) -> None:
    await log.ingest(*(said(f"m_{number}", psid=str(number)) for number in range(5)))

    assert [await profiles.forget_expired(now_ms=NOW_MS + KEPT_MS, limit=3) for _ in range(3)] == [3, 2, 0]


async def test_without_the_setting_nobody_is_asked_for(log: Log, profiles: ProfileLog) -> None:
    report = await EventStore(log.database).ingest([said()], NOW_MS)

    assert not report.wants_profiles
    assert len(await log.claim()) == 1
    assert not await profiles.is_due(now_ms=NOW_MS)


@pytest.mark.parametrize(
    "change",
    [
        {"psid": ""},
        {"owner": "a", "next_try_ms": None, "hold_until_ms": None},
        {"next_try_ms": None},
        {"attempts": -1},
    ],
)
async def test_the_database_itself_refuses_what_must_not_be(log: Log, change: dict[str, object]) -> None:
    await log.ingest(said())
    with pytest.raises(RowRefused):
        await log.database.write(lambda transaction: transaction.execute(profile.update().values(change)))
