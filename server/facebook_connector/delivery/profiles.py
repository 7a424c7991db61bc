"""Which events want to know who the person is, which wait for it, and how the names get into a message. Pure.

A person's profile is asked for when they write and nothing fresh is known. Only what a person says before anything was
ever answered waits, and not for long; everything else goes out with the names that are known by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_pb2 as pb

HOLD_MS: Final = 1_900
"""How long what a new person writes waits for their profile. It goes out within 2 s; the rest is for its delivery."""


class Need(Enum):
    """What an event wants of its person's profile."""

    WAIT = auto()
    """To be asked for; until the very first answer the event is held back, at most `HOLD_MS`."""
    ASK = auto()
    """To be asked for; nothing waits."""
    NOTHING = auto()


NEEDS: Mapping[int, Need] = MappingProxyType(
    {
        pb.EVENT_KIND_MESSAGE: Need.WAIT,
        pb.EVENT_KIND_CUSTOMER_EVENT: Need.WAIT,
        pb.EVENT_KIND_REACTION: Need.ASK,
        # Follows our own messages, one for each: a campaign would ask for everybody it reached.
        pb.EVENT_KIND_RECEIPT: Need.NOTHING,
        pb.EVENT_KIND_FOREIGN_ECHO: Need.NOTHING,
        pb.EVENT_KIND_STANDBY: Need.NOTHING,
        pb.EVENT_KIND_PAGE_EVENT: Need.NOTHING,
        pb.EVENT_KIND_ECHO: Need.NOTHING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A person's names as Facebook tells them; empty: it does not."""

    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProfile:
    """Where the profile of a person stands who has been asked about before."""

    asked: bool
    """Facebook is being asked, or will be as soon as may be."""
    hold_until_ms: int | None
    """Set until the first answer of all: what the person says waits for it, no longer than this."""
    fresh_until_ms: int
    """What is known need not be asked for again before this."""


def is_to_be_asked(profile: KnownProfile | None, kinds: Iterable[int], now_ms: int) -> bool:
    """Whether events of these kinds make us ask for a profile; None: nobody ever asked."""
    if all(NEEDS.get(kind, Need.NOTHING) is Need.NOTHING for kind in kinds):
        return False
    return profile is None or (not profile.asked and profile.fresh_until_ms <= now_ms)


def waits_until(profile: KnownProfile | None, now_ms: int) -> int | None:
    """Until when events of kind WAIT are held back; None: not at all."""
    until_ms = now_ms + HOLD_MS if profile is None else profile.hold_until_ms
    return until_ms if until_ms is not None and until_ms > now_ms else None


def with_names(message: bytes, names: Names) -> bytes:
    """A serialized `CimMessage` with the names in its channel data; as it is if there are none.

    It is not opened: concatenated protos are one proto, merged, and the message stays what was stored otherwise.
    https://protobuf.dev/programming-guides/encoding/#last-one-wins
    """
    if names == Names():
        return message
    told = CimMessage()
    told.header.channel_data.SetInParent()
    if names.first:
        told.header.channel_data.customer_first_name = names.first
    if names.last:
        told.header.channel_data.customer_last_name = names.last
    return message + told.SerializeToString(deterministic=True)
