from __future__ import annotations

from dataclasses import replace

import pytest

from cim_messenger.outbound import PartKind
from facebook_connector.sending.failures import rfc3339
from facebook_connector.sending.lane import (
    Abandoned,
    GiveUp,
    Halt,
    Look,
    Repairs,
    Rest,
    Situation,
    Upload,
    needs_reading,
    next_step,
)
from facebook_connector.sending.values import PartState, SendOrigin
from tests.support.lane_situations import CHANNEL, DAY, NOW, UPLOADED, call_of, part, situation


def gives_up(given: Situation) -> GiveUp:
    step = next_step(given)
    assert isinstance(step, GiveUp)
    return step


def test_inside_the_window_a_part_goes_as_response_with_its_metadata() -> None:
    assert call_of(situation()).body == {
        "recipient": {"id": "7001002003004005"},
        "messaging_type": "RESPONSE",
        "message": {"text": "part 0", "metadata": "fbc:inst:out-1:0"},
    }


def test_after_a_day_a_humans_part_goes_with_the_tag() -> None:
    body = call_of(situation(last_customer_action_ms=NOW - DAY)).body
    assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


def test_after_a_day_a_bots_message_is_given_up_with_the_closing_time() -> None:
    step = gives_up(situation(origin=SendOrigin.BOT, last_customer_action_ms=NOW - DAY - 60_000))
    assert step.failure.reason == "OUTSIDE_MESSAGING_WINDOW"
    assert step.failure.metadata == {
        "page_id": "100200300400500",
        "origin": "BOT",
        "human_agent_enabled": "true",
        "window_close_time": "2026-11-10T08:39:00Z",
    }


def test_parts_that_left_are_not_sent_again() -> None:
    given = situation(parts=(part(0, PartState.SENT), part(1), part(2)))
    assert call_of(given).part.index == 1


def test_an_expired_message_is_given_up() -> None:
    step = gives_up(situation(expire_time_ms=NOW))
    assert (step.failure.reason, step.failure.metadata) == ("EXPIRED", {"expire_time": "2026-11-10T08:40:00Z"})


def test_a_message_of_a_deleted_channel_is_given_up() -> None:
    assert gives_up(situation(channel=None)).failure.reason == "CHANNEL_NOT_FOUND"


def test_a_stopped_channel_keeps_its_queue() -> None:
    assert next_step(situation(channel=replace(CHANNEL, stop_reason="PAGE_TOKEN_REJECTED"))) == Halt()


def test_a_message_of_a_stopped_channel_still_expires() -> None:
    given = situation(channel=replace(CHANNEL, stop_reason="PAGE_TOKEN_REJECTED"), expire_time_ms=NOW)
    assert gives_up(given).failure.reason == "EXPIRED"


def test_a_retry_waits_for_its_time() -> None:
    assert next_step(situation(retry_at_ms=NOW + 500)) == Rest(until_ms=NOW + 500)


def test_waiting_for_a_retry_ends_with_the_time_to_live() -> None:
    assert next_step(situation(retry_at_ms=NOW + 5000, expire_time_ms=NOW + 100)) == Rest(until_ms=NOW + 100)


def test_an_uncertain_part_waits_for_its_echo() -> None:
    given = situation(parts=(part(0, PartState.UNCERTAIN), part(1)), uncertain_since_ms=NOW - 119_000)
    assert next_step(given) == Rest(until_ms=NOW + 1000)


def test_an_uncertain_part_waits_even_past_its_time_to_live() -> None:
    given = situation(parts=(part(0, PartState.UNCERTAIN),), uncertain_since_ms=NOW, expire_time_ms=NOW)
    assert isinstance(next_step(given), Rest)


def in_doubt(for_ms: int, **changes: object) -> Situation:
    return situation(parts=(part(0, PartState.UNCERTAIN),), uncertain_since_ms=NOW - for_ms, **changes)


def test_the_echo_alone_is_waited_for_at_first() -> None:
    assert [needs_reading(in_doubt(ms).head, NOW) for ms in (0, 29_999, 30_000)] == [False, False, True]
    assert not needs_reading(situation().head, NOW)


def test_an_uncertain_part_is_looked_for_when_the_conversation_may_be_read() -> None:
    assert next_step(in_doubt(40_000, read_at_ms=NOW)) == Look(part=part(0, PartState.UNCERTAIN))
    assert next_step(in_doubt(40_000, read_at_ms=NOW + 200)) == Rest(until_ms=NOW + 200)
    assert next_step(in_doubt(40_000, read_at_ms=NOW + 20_000)) == Rest(until_ms=NOW + 1000)


def test_what_is_final_is_not_looked_for() -> None:
    assert gives_up(in_doubt(120_000, read_at_ms=NOW)).failure.reason == "DELIVERY_UNCERTAIN"


def test_what_waits_for_its_turn_to_be_read_is_not_final_for_ten_minutes() -> None:
    assert next_step(in_doubt(130_000, read_at_ms=NOW + 200, unread=True)) == Rest(until_ms=NOW + 200)
    assert isinstance(next_step(in_doubt(130_000, read_at_ms=NOW, unread=True)), Look)
    assert gives_up(in_doubt(600_000, read_at_ms=NOW + 200, unread=True)).failure.reason == "DELIVERY_UNCERTAIN"


def test_after_two_minutes_uncertainty_is_final() -> None:
    given = situation(parts=(part(0, PartState.SENT), part(1, PartState.UNCERTAIN)), uncertain_since_ms=NOW - 120_000)
    failure = gives_up(given).failure
    assert (failure.reason, failure.metadata) == ("DELIVERY_UNCERTAIN", {"part_index": "1"})


def test_a_call_whose_end_nobody_saw_is_uncertain() -> None:
    given = situation(parts=(part(0, PartState.SENT), part(1, PartState.SENDING), part(2)))
    step = next_step(given)
    assert isinstance(step, Abandoned)
    assert (step.settlement.index, step.settlement.state) == (1, PartState.UNCERTAIN)


def test_a_quote_stands_beside_the_first_part() -> None:
    given = situation(quote_mid="m_A1", quoted=True, parts=(part(0), part(1)))
    assert call_of(given).body["reply_to"] == {"mid": "m_A1"}


@pytest.mark.parametrize(
    "given",
    [
        situation(quote_mid="m_A1", quoted=True, parts=(part(0, PartState.SENT), part(1))),
        situation(quote_mid="m_A1", quoted=True, last_customer_action_ms=NOW - DAY),
        situation(quote_mid="m_A1", quoted=True, repairs=Repairs(without_quote=True)),
        situation(quote_mid="m_A1", quoted=True, repairs=Repairs(as_human_agent=True)),
        situation(quote_mid="", quoted=True),
    ],
)
def test_a_quote_stays_away_where_facebook_takes_none(given: Situation) -> None:
    assert "reply_to" not in call_of(given).body


def test_without_a_known_clock_the_quote_is_tried() -> None:
    given = situation(quote_mid="m_A1", quoted=True, last_customer_action_ms=None)
    assert call_of(given).quoted


def test_no_secret_shows_in_a_situation() -> None:
    assert "EAAcanary" not in repr(situation())


def test_an_approved_template_goes_as_utility_long_after_the_window() -> None:
    given = situation(
        origin=SendOrigin.BOT,
        last_customer_action_ms=NOW - 30 * DAY,
        parts=(part(kind=PartKind.UTILITY),),
        quoted=True,
        quote_mid="m_1",
    )
    body = call_of(given).body
    assert (body["messaging_type"], "tag" in body, "reply_to" in body) == ("UTILITY", False, False)


def test_a_sticker_which_no_tag_may_carry_is_given_up_after_a_day() -> None:
    step = gives_up(situation(last_customer_action_ms=NOW - DAY, parts=(part(kind=PartKind.STICKER),)))
    assert step.failure.metadata["window_close_time"] == rfc3339(NOW)


@pytest.mark.parametrize("kind", [PartKind.MEDIA, PartKind.IMAGES])
def test_media_are_brought_to_facebook_before_their_part_is_sent(kind: PartKind) -> None:
    medium = part(kind=kind)
    assert next_step(situation(parts=(medium,))) == Upload(part=medium)
    body = call_of(situation(parts=(medium,), uploaded={0: UPLOADED})).body
    assert "1857" in str(body["message"])


def test_uploads_of_one_part_are_not_those_of_another() -> None:
    parts = (part(0, PartState.SENT, kind=PartKind.MEDIA), part(1, kind=PartKind.MEDIA))
    assert next_step(situation(parts=parts, uploaded={0: UPLOADED})) == Upload(part=parts[1])


def test_nothing_is_uploaded_for_a_part_that_may_not_go() -> None:
    given = situation(parts=(part(kind=PartKind.MEDIA),), origin=SendOrigin.BOT, last_customer_action_ms=NOW - DAY)
    assert isinstance(next_step(given), GiveUp)
