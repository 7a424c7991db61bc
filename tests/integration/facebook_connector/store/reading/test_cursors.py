from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.values import AckToken, AdoptRequest, Extension, Head, Release
from facebook_connector.store.schema import cursor
from tests.integration.facebook_connector.store.conftest import LEASE_MS, Log
from tests.support.inbound_records import NOW_MS, PAGE, add_page, an_event

OK = inbound_pb2.ACK_OUTCOME_OK
STALE = inbound_pb2.ACK_OUTCOME_STALE
UNKNOWN = inbound_pb2.ACK_OUTCOME_UNKNOWN


def names(heads: list[Head]) -> list[str]:
    return [head.cim_id.removeprefix("cim-").removesuffix("-0") for head in heads]


async def results(log: Log, *releases: Release, owner: str | None = None) -> list[int]:
    return [outcome.result for outcome in await log.cursors.release(releases, now_ms=NOW_MS, owner=owner)]


def given_back(head: Head, *, ready_at_ms: int = NOW_MS, counted: bool = False) -> Release:
    return Release(token=head.token, ready_at_ms=ready_at_ms, counted=counted)


async def test_the_subscription_ccm_takes_messages_reactions_and_receipts(log: Log) -> None:
    (ccm,) = await log.cursors.subscriptions()
    assert ccm.kinds == {
        inbound_pb2.EVENT_KIND_MESSAGE,
        inbound_pb2.EVENT_KIND_REACTION,
        inbound_pb2.EVENT_KIND_RECEIPT,
    }
    assert await log.cursors.subscription("ccm") == ccm
    assert await log.cursors.subscription("unknown") is None


async def test_one_message_of_a_conversation_is_out_at_a_time(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    assert names(await log.claim()) == ["m_1"]
    assert await log.claim() == []


async def test_conversations_do_not_wait_for_one_another(log: Log) -> None:
    await log.ingest(an_event("a", psid="A"), an_event("b", psid="B"))
    assert sorted(names(await log.claim())) == ["a", "b"]


async def test_an_acknowledgement_brings_the_next_message_already_claimed(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (first,) = await log.claim()
    (outcome,) = await log.acknowledge([first])
    assert outcome.result == OK
    assert outcome.next_head is not None
    assert names([outcome.next_head]) == ["m_2"]
    assert (outcome.next_head.token.attempt, outcome.next_head.token.epoch) == (1, 2)
    assert await log.claim() == []
    assert (await log.acknowledge([outcome.next_head]))[0].result == OK


async def test_after_the_last_message_a_new_one_makes_the_key_ready_again(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (first,) = await log.claim()
    (outcome,) = await log.acknowledge([first])
    assert (outcome.result, outcome.next_head) == (OK, None)
    assert await log.next_ready_ms() is None
    await log.ingest(an_event("m_2"))
    (second,) = await log.claim()
    assert (names([second]), second.token.attempt) == (["m_2"], 1)


async def test_a_new_message_does_not_disturb_a_claim(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (first,) = await log.claim()
    await log.ingest(an_event("m_2"))
    assert await log.claim() == []
    (outcome,) = await log.acknowledge([first])
    assert outcome.next_head is not None
    assert names([outcome.next_head]) == ["m_2"]


async def test_a_second_acknowledgement_is_stale(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    heads = await log.claim()
    assert [outcome.result for outcome in await log.acknowledge(heads * 2)] == [OK, STALE]
    assert [outcome.result for outcome in await log.acknowledge(heads)] == [STALE]


async def test_an_acknowledgement_of_an_old_attempt_completes_nothing(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (old,) = await log.claim()
    (new,) = await log.claim(now_ms=NOW_MS + LEASE_MS)
    assert (new.cim_id, new.token.attempt, new.token.epoch) == (old.cim_id, 2, 2)
    assert (await log.acknowledge([old]))[0].result == STALE
    assert (await log.acknowledge([new]))[0].result == OK


async def test_a_claim_that_ran_out_still_counts_while_nobody_else_has_the_head(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    heads = await log.claim()
    assert (await log.acknowledge(heads, now_ms=NOW_MS + 2 * LEASE_MS))[0].result == OK


async def test_a_token_of_no_cursor_is_unknown(log: Log) -> None:
    token = AckToken(subscription_id=log.subscription_id, key_id=77, seq=1, attempt=1, epoch=1)
    (outcome,) = await log.cursors.acknowledge([token], owner="server-1", until_ms=NOW_MS)
    assert (outcome.token, outcome.result) == (token, UNKNOWN)


async def test_a_released_head_comes_back_first_when_its_time_has_come(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (head,) = await log.claim()
    release = given_back(head, ready_at_ms=NOW_MS + 500)
    assert await results(log, release) == [OK]
    assert await log.claim(now_ms=NOW_MS + 499) == []
    (again,) = await log.claim(now_ms=NOW_MS + 500)
    assert (names([again]), again.token.attempt) == (["m_1"], 2)


async def test_what_was_released_is_stale(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    release = given_back(head)
    assert await results(log, release, release) == [OK, STALE]
    assert (await log.acknowledge([head]))[0].result == STALE
    assert await log.cursors.extend([Extension(token=head.token, until_ms=NOW_MS)]) == [STALE]


async def test_counted_releases_add_up_until_the_message_is_acknowledged(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    for number, counted in enumerate((True, False, True)):
        (head,) = await log.claim()
        await log.cursors.release([given_back(head, counted=counted)], now_ms=NOW_MS + number)
    assert await failures(log) == (2, NOW_MS)
    await log.acknowledge(await log.claim())
    assert await failures(log) == (0, None)


def never_sent(head: Head) -> Release:
    return Release(token=head.token, ready_at_ms=NOW_MS, counted=False, unsent=True)


async def test_a_head_that_nobody_was_sent_comes_with_the_same_attempt_under_a_new_claim(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (unsent,) = await log.claim()
    assert await results(log, never_sent(unsent)) == [OK]
    (head,) = await log.claim()
    assert (head.token.attempt, head.token.epoch) == (1, 2)
    assert (await log.acknowledge([unsent]))[0].result == STALE
    assert (await log.acknowledge([head]))[0].result == OK


async def test_what_follows_an_acknowledgement_and_is_not_sent_has_its_first_attempt_before_it(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (outcome,) = await log.acknowledge(await log.claim())
    assert outcome.next_head is not None
    await log.cursors.release([never_sent(outcome.next_head)], now_ms=NOW_MS)
    (head,) = await log.claim(client_id="ccm-1")
    assert (names([head]), head.token.attempt, head.token.epoch) == (["m_2"], 1, 3)


async def test_deliveries_and_failures_are_counted_on_over_one_that_was_not_sent(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (first,) = await log.claim()
    await log.cursors.release([given_back(first, counted=True)], now_ms=NOW_MS)
    (unsent,) = await log.claim()
    await log.cursors.release([never_sent(unsent)], now_ms=NOW_MS)
    assert await failures(log) == (1, NOW_MS)
    assert [head.token.attempt for head in await log.claim()] == [2]


async def failures(log: Log) -> tuple[int, int | None]:
    columns = select(cursor.c.failures, cursor.c.first_failure_ms)
    row = await log.database.read(lambda transaction: transaction.execute(columns).one())
    return row.failures, row.first_failure_ms


async def test_an_extension_moves_the_end_of_a_claim(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    assert await log.cursors.extend([Extension(token=head.token, until_ms=NOW_MS + 90_000)]) == [OK]
    assert await log.claim(now_ms=NOW_MS + 89_999) == []
    assert names(await log.claim(now_ms=NOW_MS + 90_000)) == ["m_1"]


async def test_a_client_that_comes_back_keeps_what_it_holds_and_frees_the_rest(log: Log) -> None:
    await log.ingest(an_event("a", psid="A"), an_event("b", psid="B"))
    held, lost = await log.claim()
    assert await adopt(log, held.token) == [OK]
    (again,) = await log.claim(client_id="ccm-1")
    assert (again.cim_id, again.token.attempt) == (lost.cim_id, 2)
    assert (await log.acknowledge([lost]))[0].result == STALE
    assert (await log.acknowledge([held]))[0].result == OK


async def adopt(log: Log, *held: AckToken, client_id: str = "ccm-0") -> list[int]:
    request = AdoptRequest(
        subscription_id=log.subscription_id,
        owner="server-2",
        client_id=client_id,
        held=held,
        now_ms=NOW_MS,
        until_ms=NOW_MS + 60_000,
    )
    return list((await log.cursors.adopt(request)).results)


async def test_nobody_adopts_what_another_client_has(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    assert await adopt(log, head.token, client_id="ccm-1") == [STALE]
    assert (await log.acknowledge([head]))[0].result == OK


async def test_nobody_adopts_an_old_attempt(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (old,) = await log.claim()
    await log.claim(now_ms=NOW_MS + LEASE_MS)
    assert await adopt(log, old.token) == [STALE]


async def test_an_adopted_claim_lasts_anew(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    await adopt(log, head.token)
    assert await log.claim(now_ms=NOW_MS + 59_999) == []


async def test_a_server_has_no_say_over_a_claim_that_moved_to_another(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim(owner="server-1")
    await adopt(log, head.token)

    assert await results(log, given_back(head), owner="server-1") == [STALE]
    shorter = Extension(token=head.token, until_ms=NOW_MS)
    assert await log.cursors.extend([shorter], owner="server-1") == [STALE]
    assert await log.claim() == []
    assert await results(log, given_back(head), owner="server-2") == [OK]
    assert names(await log.claim()) == ["m_1"]


async def test_a_restarted_server_has_everything_ready_and_lets_clients_go_on(log: Log) -> None:
    await log.ingest(an_event("a", psid="A"), an_event("b", psid="B"))
    first, second = await log.claim()
    assert await log.cursors.end_earlier_claims("server-2", now_ms=NOW_MS) == 2
    assert await adopt(log, first.token) == [OK]
    (again,) = await log.claim(owner="server-2", client_id="ccm-1")
    assert (again.cim_id, again.token.attempt) == (second.cim_id, 2)
    assert await log.cursors.end_earlier_claims("server-2", now_ms=NOW_MS) == 0


async def test_the_next_ready_time_counts_claims_by_their_end(log: Log) -> None:
    assert await log.next_ready_ms() is None
    await log.ingest(an_event("a", psid="A"), now_ms=NOW_MS + 7)
    assert await log.next_ready_ms() == NOW_MS + 7
    await log.claim(now_ms=NOW_MS + 10)
    assert await log.next_ready_ms() == NOW_MS + 10 + LEASE_MS


async def test_a_claim_takes_no_more_than_its_limit_the_longest_waiting_first(log: Log) -> None:
    for number in range(4):
        await log.ingest(an_event(f"m_{number}", psid=f"P{number}"), now_ms=NOW_MS - 4 + number)
    assert names(await log.claim(limit=3)) == ["m_0", "m_1", "m_2"]
    assert names(await log.claim(limit=3)) == ["m_3"]


async def test_a_claim_can_be_for_some_pages_only(log: Log) -> None:
    await add_page(log.database, "999")
    await log.ingest(an_event("m_1"), an_event("m_2", page_id="999"))
    assert names(await log.claim(page_ids=frozenset({"999"}))) == ["m_2"]
    assert names(await log.claim()) == ["m_1"]


async def test_a_claim_can_be_for_some_kinds_only_and_leaves_the_others_ready(log: Log) -> None:
    reaction = inbound_pb2.EVENT_KIND_REACTION
    await log.ingest(an_event("a", psid="A"), an_event("b", psid="B", kind=reaction), an_event("b2", psid="B"))
    assert names(await log.claim(kinds=frozenset({reaction}))) == ["b"]
    assert names(await log.claim()) == ["a"]


async def test_pages_take_turns_within_a_claim(log: Log) -> None:
    await add_page(log.database, "999")
    await log.ingest(*(an_event(f"x{number}", psid=f"P{number}") for number in range(10)))
    await log.ingest(an_event("y0", page_id="999", psid="A"), an_event("y1", page_id="999", psid="B"))
    pages = [head.page_id for head in await log.claim(limit=4)]
    assert sorted(pages) == sorted([PAGE, PAGE, "999", "999"])
    assert pages[0] != pages[1]


async def test_pages_take_turns_from_claim_to_claim(log: Log) -> None:
    pages = ["901", "902", "903"]
    for page_id in pages:
        await add_page(log.database, page_id)
        await log.ingest(*(an_event(f"{page_id}-{n}", page_id=page_id, psid=f"P{n}") for n in range(2)))
    turns = [(await log.claim(limit=1))[0].page_id for _ in range(6)]
    assert turns == pages * 2


async def test_a_claim_is_filled_although_other_pages_have_little(log: Log) -> None:
    await add_page(log.database, "999")
    await log.ingest(*(an_event(f"x{number}", psid=f"P{number}") for number in range(10)))
    await log.ingest(an_event("y", page_id="999"))
    assert len(await log.claim(limit=9)) == 9


async def test_a_claim_ends_with_the_head_that_fills_its_bytes(log: Log) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number}") for number in range(3)))
    heads = await log.claim()
    size = heads[0].size
    await log.cursors.release([given_back(head) for head in heads], now_ms=NOW_MS)
    assert len(await log.claim(max_bytes=size)) == 1
    assert len(await log.claim(max_bytes=size + 1)) == 2


@pytest.mark.parametrize("change", [{"seq": 2}, {"epoch": 2}])
async def test_a_forged_token_is_stale(log: Log, change: dict[str, int]) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (head,) = await log.claim()
    forged = replace(head.token, **change)
    (outcome,) = await log.cursors.acknowledge([forged], owner="server-1", until_ms=NOW_MS)
    assert outcome.result == STALE


async def test_many_keys_are_acknowledged_in_one_call(log: Log) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number % 100}") for number in range(250)))
    heads = await log.claim()
    outcomes = await log.acknowledge(heads)
    assert [outcome.token for outcome in outcomes] == [head.token for head in heads]
    for head, outcome in zip(heads, outcomes, strict=True):
        assert outcome.next_head is not None
        assert outcome.next_head.ordering_key == head.ordering_key
        assert outcome.next_head.token.seq == 2
