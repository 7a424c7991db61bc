"""Judges an outbound run by what customers saw, as the sandbox wrote it down, and by what the server says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from expertflow.connector.v1.outbound_pb2 import (
    SEND_STATE_DELIVERED,
    SEND_STATE_FAILED,
    SEND_STATE_READ,
    SEND_STATE_SENT,
    SendState,
)
from messenger_sandbox.journal import Entry
from tests.support.chaos.conduct import PSID_BASE
from tests.support.chaos.journal import Said

REACHED = frozenset({SEND_STATE_SENT, SEND_STATE_DELIVERED, SEND_STATE_READ})


class Wrong(Enum):
    """The ways in which a promise about replies can be broken."""

    NEVER_SEEN = "the customer never saw it"
    SEEN_TWICE = "the customer saw it more than once"
    OUT_OF_ORDER = "the customer saw it after its successor"
    UNTRUE = "its final state says another thing than the customer saw"
    NOT_FINAL = "it has no final state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken promise."""

    wrong: Wrong
    said: Said
    detail: str

    def __str__(self) -> str:
        return f"{self.wrong.name} {self.said}: {self.detail}"


def seen_by_customers(taken: Iterable[Entry]) -> dict[int, list[int]]:
    """The numbers of the replies that each customer saw, in their order."""
    seen: dict[int, list[int]] = {}
    for entry in taken:
        conversation, _, number = str(entry.details["text"]).partition("/")
        assert int(entry.psid or 0) == PSID_BASE + int(conversation), "a reply reached another customer"
        seen.setdefault(int(conversation), []).append(int(number))
    return seen


def judge_replies(said: Iterable[Said], seen: Mapping[int, list[int]], states: Mapping[Said, SendState]) -> list[Fault]:
    """Every broken promise."""
    return [fault for one in said for fault in _faults(one, seen.get(one.conversation, []), states.get(one))]


def _faults(said: Said, seen: list[int], state: SendState | None) -> Iterable[Fault]:
    times = seen.count(said.number)
    if times == 0:
        yield Fault(wrong=Wrong.NEVER_SEEN, said=said, detail=_name(state))
    if times > 1:
        yield Fault(wrong=Wrong.SEEN_TWICE, said=said, detail=f"{times} times")
    if times and said.number < max(seen[: seen.index(said.number)], default=0):
        yield Fault(wrong=Wrong.OUT_OF_ORDER, said=said, detail=f"seen as {seen}")
    if state is None:
        yield Fault(wrong=Wrong.NOT_FINAL, said=said, detail="")
    elif (state in REACHED) != (times > 0) or (state not in REACHED and state != SEND_STATE_FAILED):
        yield Fault(wrong=Wrong.UNTRUE, said=said, detail=f"{_name(state)}, seen {times} times")


def _name(state: SendState | None) -> str:
    return "no state" if state is None else SendState.Name(state).removeprefix("SEND_STATE_")
