from __future__ import annotations

import pytest

from connector_cli import operation_views as views
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_MESSAGE, EVENT_KIND_RECEIPT, EventKind
from expertflow.connector.v1.operations_pb2 import (
    SUBSCRIPTION_STATE_ACTIVE,
    SUBSCRIPTION_STATE_PAUSED,
    DeadLetter,
    Subscription,
)
from expertflow.connector.v1.operations_service_pb2 import ListDeadLettersResponse


def letter() -> DeadLetter:
    found = DeadLetter(
        id="7",
        subscription="ccm",
        ordering_key="1/2",
        kind=EVENT_KIND_MESSAGE,
        delivery_attempts=12,
        counted_attempts=10,
        last_detail="no such field",
        last_client_id="ccm-0",
    )
    found.message.id = "m"
    found.message.body.type = "PLAIN"
    found.message.body.markdown_text = "secret"
    found.store_time.seconds = found.dead_letter_time.seconds = 1
    return found


def test_a_subscription_shows_why_it_pauses_and_until_when() -> None:
    active = Subscription(name="ccm", state=SUBSCRIPTION_STATE_ACTIVE, kinds=[EVENT_KIND_MESSAGE, EVENT_KIND_RECEIPT])
    paused = Subscription(name="slow", state=SUBSCRIPTION_STATE_PAUSED, state_reason="All fail.")
    for one in (active, paused):
        one.create_time.seconds = 0
    paused.resume_time.seconds = 1

    assert views.subscription_rows([active, paused]) == [
        ("ccm", "active", "message, receipt", "1970-01-01T00:00:00Z", ""),
        ("slow", "paused", "", "1970-01-01T00:00:00Z", "All fail. Goes on at 1970-01-01T00:00:01Z."),
    ]


def test_the_list_of_dead_letters_shows_nothing_of_what_a_customer_wrote() -> None:
    [row] = views.dead_letter_rows([letter()])

    assert row == ("7", "1970-01-01T00:00:01Z", "1/2", "message", "10 of 12", "no such field")


def test_one_dead_letter_is_shown_whole() -> None:
    shown = dict(views.one_dead_letter(letter()))

    assert shown["text"] == "secret"
    assert shown["attempts"] == "12, of which 10 counted against it"
    assert "-" not in shown.values()


@pytest.mark.parametrize(
    ("count", "token", "said"),
    [(0, "", "0 dead letters"), (1, "", "1 dead letter"), (2, "more", "more than 2 dead letters")],
)
def test_the_question_says_how_many_are_meant(count: int, token: str, said: str) -> None:
    found = ListDeadLettersResponse(dead_letters=[letter()] * count, next_page_token=token)

    assert views.how_many(found) == said


def test_every_kind_is_one_word() -> None:
    words = {views.kind_word(kind) for kind in EventKind.values()}
    assert len(words) == len(EventKind.values())
    assert views.kind_word(99) == "99"
