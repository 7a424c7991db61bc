"""Subscriptions and dead letters as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector_cli.channel_views import NOTHING
from expertflow.connector.v1.inbound_pb2 import EventKind
from expertflow.connector.v1.operations_pb2 import DeadLetter, Subscription, SubscriptionState
from expertflow.connector.v1.operations_service_pb2 import ListDeadLettersResponse

SUBSCRIPTION_HEADER = ("NAME", "STATE", "KINDS", "CREATED", "REASON")
DEAD_LETTER_HEADER = ("ID", "GIVEN UP", "CONVERSATION", "KIND", "ATTEMPTS", "WHY")


def subscription_rows(subscriptions: Iterable[Subscription]) -> list[Sequence[str]]:
    """One row per subscription."""
    return [
        (
            one.name,
            _word(SubscriptionState, one.state, "SUBSCRIPTION_STATE_"),
            ", ".join(kind_word(kind) for kind in one.kinds),
            one.create_time.ToJsonString(),
            _pause(one),
        )
        for one in subscriptions
    ]


def dead_letter_rows(letters: Iterable[DeadLetter]) -> list[Sequence[str]]:
    """One row per dead letter; nothing of what the customer wrote."""
    return [
        (
            letter.id,
            letter.dead_letter_time.ToJsonString(),
            letter.ordering_key,
            kind_word(letter.kind),
            f"{letter.counted_attempts} of {letter.delivery_attempts}",
            letter.last_detail or NOTHING,
        )
        for letter in letters
    ]


def one_dead_letter(letter: DeadLetter) -> list[tuple[str, str]]:
    """One row per fact, what the customer wrote included."""
    return [
        ("id", letter.id),
        ("subscription", letter.subscription),
        ("conversation", letter.ordering_key),
        ("kind", kind_word(letter.kind)),
        ("message id", letter.message.id),
        ("body", letter.message.body.type),
        ("text", letter.message.body.markdown_text or NOTHING),
        ("stored", letter.store_time.ToJsonString()),
        ("given up", letter.dead_letter_time.ToJsonString()),
        ("attempts", f"{letter.delivery_attempts}, of which {letter.counted_attempts} counted against it"),
        ("last client", letter.last_client_id or NOTHING),
        ("why", letter.last_detail or NOTHING),
    ]


def how_many(found: ListDeadLettersResponse) -> str:
    """How many dead letters a call concerns, as far as they were counted."""
    count = len(found.dead_letters)
    if found.next_page_token:
        return f"more than {count} dead letters"
    return f"{count} dead letter" + ("s" if count != 1 else "")


def kind_word(kind: int) -> str:
    """A kind as `--kinds` takes it; one newer than this release shows its number."""
    return _word(EventKind, kind, "EVENT_KIND_")


def _pause(one: Subscription) -> str:
    if not one.HasField("resume_time"):
        return one.state_reason
    return f"{one.state_reason} Goes on at {one.resume_time.ToJsonString()}."


def _word(enum: type[EventKind | SubscriptionState], value: int, prefix: str) -> str:
    return enum.Name(value).removeprefix(prefix).lower() if value in enum.values() else str(value)
