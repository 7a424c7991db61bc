from __future__ import annotations

from dataclasses import replace
from typing import Never

import pytest

from cim_messenger.outbound import PartKind
from facebook_connector.outbox.page import Page
from facebook_connector.sending.kinds import Bucket
from facebook_connector.sending.offers import Offer
from facebook_connector.sending.pace import Pressure
from facebook_connector.sending.values import PageLease, SendOrigin
from tests.support.lane_situations import CHANNEL

NOW = 1_794_300_000_000


def page() -> Page:
    return Page(PageLease(page_id="1", owner="server-1", epoch=1, until_ms=NOW))


def test_a_page_may_send() -> None:
    assert page().may_send(NOW)


def test_media_have_a_rate_of_their_own() -> None:
    sending = page()
    waits = [sending.rates[Bucket.MEDIA].take(NOW) for _ in range(20)]
    assert waits[-1] >= 1_000
    assert sending.rates[Bucket.TEXT].take(NOW) == 0


def test_a_throttled_page_rests_a_minute() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    assert [resting.may_send(NOW + ms) for ms in (0, 59_999, 60_000)] == [False, False, True]


def test_calls_of_the_same_throttle_do_not_lengthen_the_rest() -> None:
    resting = page()
    for _ in range(50):
        resting.throttled(NOW, 0, 0.0)
    assert resting.may_send(NOW + 60_000)


def test_the_next_throttle_rests_twice_as_long() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    resting.throttled(NOW + 60_000, 0, 0.0)
    assert [resting.may_send(NOW + 60_000 + ms) for ms in (119_999, 120_000)] == [False, True]


def test_a_sent_message_ends_the_series() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    resting.answered(NOW + 60_000)
    resting.throttled(NOW + 60_000, 0, 0.0)
    assert resting.may_send(NOW + 120_000)


def test_a_call_that_began_before_the_throttle_does_not_end_the_series() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    resting.answered(NOW + 1)
    resting.throttled(NOW + 60_000, 0, 0.0)
    assert not resting.may_send(NOW + 120_000)


def test_an_unreachable_facebook_is_tried_again_soon() -> None:
    resting = page()
    resting.unreachable(NOW, 1.0)
    assert [resting.may_send(NOW + ms) for ms in (999, 1000)] == [False, True]


def test_a_short_rest_does_not_cut_a_long_one() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    resting.unreachable(NOW, 0.0)
    assert not resting.may_send(NOW + 59_999)


def test_a_resting_page_forgets_its_waiting_lanes() -> None:
    resting = page()
    resting.lanes.wake("7001")
    resting.throttled(NOW, 0, 0.0)
    assert resting.lanes.next_ms() is None


def test_a_halted_page_sends_nothing_until_it_resumes() -> None:
    halted = page()
    halted.halt()
    assert not halted.may_send(NOW)
    halted.resume()
    assert halted.may_send(NOW)


def test_a_throttle_during_a_short_rest_still_rests_a_minute() -> None:
    resting = page()
    resting.unreachable(NOW, 1.0)
    resting.throttled(NOW, 0, 0.0)
    assert not resting.may_send(NOW + 59_999)


def test_a_lane_in_doubt_keeps_its_place_to_read() -> None:
    reading = page()
    first = reading.read_at_ms("1", NOW, in_doubt=True)
    second = reading.read_at_ms("2", NOW, in_doubt=True)
    assert (first, reading.read_at_ms("2", NOW + 100, in_doubt=True)) == (NOW, second)
    assert second is not None
    assert second > NOW


def test_conversations_are_read_less_often_than_twice_a_second() -> None:
    reading = page()
    times = [reading.read_at_ms(str(number), NOW, in_doubt=True) or 0 for number in range(10)]
    assert all(third - first > 1_000 for first, third in zip(times, times[2:], strict=False))


def test_a_conversation_that_settled_nothing_is_read_again_later() -> None:
    reading = page()
    reading.read_at_ms("1", NOW, in_doubt=True)
    reading.to_be_read_again("1", NOW, unread=False)
    again = reading.read_at_ms("1", NOW, in_doubt=True)
    assert again is not None
    assert again >= NOW + 15_000


def test_a_lane_is_unread_until_its_first_turn() -> None:
    reading = page()
    assert not reading.is_unread("1")
    reading.read_at_ms("1", NOW, in_doubt=True)
    assert reading.is_unread("1")
    reading.to_be_read_again("1", NOW, unread=False)
    assert not reading.is_unread("1")
    reading.doubt_ended("1")
    reading.read_at_ms("1", NOW, in_doubt=True)
    reading.to_be_read_again("1", NOW, unread=True)
    assert reading.is_unread("1")
    reading.read_at_ms("1", NOW, in_doubt=False)
    reading.read_at_ms("1", NOW, in_doubt=True)
    assert reading.is_unread("1")


def test_a_lane_without_doubt_has_no_place() -> None:
    reading = page()
    for psid in ("1", "2", "3"):
        reading.read_at_ms(psid, NOW, in_doubt=True)
    assert reading.read_at_ms("3", NOW, in_doubt=False) is None
    assert reading.read_at_ms("3", NOW + 60_000, in_doubt=True) == NOW + 60_000


def test_a_page_that_rests_reads_nothing() -> None:
    resting = page()
    resting.throttled(NOW, 0, 0.0)
    assert resting.read_at_ms("1", NOW, in_doubt=True) is None


@pytest.mark.parametrize(("percent", "bots_wait"), [(None, False), (79, False), (94, False), (95, True), (300, True)])
def test_what_is_left_of_a_limit_is_for_people(percent: int | None, bots_wait: bool) -> None:
    used = page()
    used.used(percent, NOW)
    assert (used.held_back_until_ms(SendOrigin.BOT, NOW) == NOW + 60_000) is bots_wait
    assert used.held_back_until_ms(SendOrigin.HUMAN, NOW) is None
    assert used.held_back_until_ms(SendOrigin.BOT, NOW + 60_000) is None


@pytest.mark.parametrize(("percent", "slow"), [(79, False), (80, True), (95, True)])
def test_a_page_near_its_limits_slows_down(percent: int, slow: bool) -> None:
    used = page()
    used.used(percent, NOW)
    waits = [used.place_ms(Bucket.TEXT, NOW) for _ in range(301)]
    assert (waits[-1] > 3_000) is slow


def test_a_page_that_says_nothing_keeps_what_it_said() -> None:
    used = page()
    used.used(95, NOW)
    used.used(None, NOW)
    assert used.pressure(NOW) is Pressure.HUMANS_ONLY


def test_a_restricted_page_is_tried_again_ever_less_often() -> None:
    left_alone = page()
    stopped = replace(CHANNEL, stop_reason="PAGE_RESTRICTED", state_time_ms=NOW)
    rests = []
    for _ in range(6):
        left_alone.restricted()
        rests.append(next(m for m in range(0, 300, 30) if left_alone.may_try_again(stopped, NOW + m * 60_000)))
    assert rests == [30, 60, 120, 240, 240, 240]
    left_alone.answered(NOW)
    assert left_alone.may_try_again(stopped, NOW + 30 * 60_000)


def test_only_a_restriction_ends_by_itself() -> None:
    stopped = replace(CHANNEL, stop_reason="PAGE_TOKEN_REJECTED", state_time_ms=NOW)
    assert not page().may_try_again(stopped, NOW + 24 * 3_600_000)


# Head starts


def an_offer(psid: str = "7", *kinds: PartKind, origin: SendOrigin = SendOrigin.HUMAN) -> Offer:
    def unasked(_: int | None) -> Never:
        raise AssertionError

    return Offer(
        page_id="1",
        psid=psid,
        cim_id="out-1",
        content_hash="1:",
        origin=origin,
        kinds=kinds or (PartKind.TEXT,),
        now_ms=NOW,
        record=unasked,
    )


def test_a_message_to_an_idle_lane_is_taken_at_once_and_once() -> None:
    sending = page()
    assert [sending.takes_at_once(an_offer(psid), NOW) for psid in ("7", "8", "7")] == [True, True, False]
    assert sending.lanes.active == 2


def test_what_has_no_part_or_brings_media_is_left_to_its_lane() -> None:
    sending = page()
    assert not sending.takes_at_once(an_offer("7", PartKind.MEDIA, PartKind.TEXT), NOW)
    assert not sending.takes_at_once(replace(an_offer(), kinds=()), NOW)
    assert (sending.lanes.active, sending.rates[Bucket.MEDIA].take(NOW)) == (0, 0)


def test_no_more_messages_are_taken_at_once_than_the_page_has_places() -> None:
    sending = page()
    taken = [sending.takes_at_once(an_offer(str(psid)), NOW) for psid in range(100)]
    assert sum(taken) == sending.lanes.active
    assert 0 < sum(taken) < 50
    assert sending.place_ms(Bucket.TEXT, NOW) > 0


def test_a_page_that_may_not_send_takes_nothing_at_once() -> None:
    resting, halted = page(), page()
    resting.throttled(NOW, 0, 0.0)
    halted.halt()
    assert not resting.takes_at_once(an_offer(), NOW)
    assert not halted.takes_at_once(an_offer(), NOW)


def test_a_page_near_its_limits_takes_only_people_at_once() -> None:
    pressed = page()
    pressed.used(99, NOW)
    assert pressed.pressure(NOW) is Pressure.HUMANS_ONLY
    assert not pressed.takes_at_once(an_offer(origin=SendOrigin.BOT), NOW)
    assert pressed.takes_at_once(an_offer(), NOW)
