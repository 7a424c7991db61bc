"""How customers and consumers behave in a run: tables of shares, and what follows from them for one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from tests.support.chaos.chance import Chance
from tests.support.chaos.journal import Said

CONVERSATIONS = 40

ACK_DEADLINE_S = 10
"""The shortest that the contract allows, so that a stalled message comes again soon."""

HANDLING_S = (0.03, 0.2)
"""How long a consumer works on a message."""

PAUSE_S = (0.2, 1.2)
"""How long a customer thinks before the next message. Far longer than a consumer works on one: a conversation with a
backlog stays with its consumer, and the others would have nothing to do.
"""

REPEATED = 0.1
"""Share of the webhooks that Facebook sends once more although it got its 200."""

WITH_EARLIER = 0.1
"""Share of the webhooks that hold the conversation's message before once more."""

LATE_ACK = 0.5
"""Share of the redeliveries on which the stub consumer first acknowledges the attempt before, as a worker does that was
stuck and does not know that its time is over."""

KEEPS_HOLD = 0.5
"""Share of the stub consumer's reconnects on which it names what it holds, and goes on with it."""


class Act(Enum):
    """What a consumer does with a message."""

    ACK = "acknowledges"
    ACK_TWICE = "acknowledges, and once more when that is confirmed"
    UNAVAILABLE = "gives back: cannot work at present"
    REJECT = "gives back: cannot process this very message; done once in a message's life"
    STALL = "does nothing until the deadline is over, then acknowledges"
    DROP = "ends the stream with all it holds"


ACTS: Mapping[Act, float] = MappingProxyType(
    {Act.ACK: 930, Act.ACK_TWICE: 30, Act.UNAVAILABLE: 20, Act.REJECT: 15, Act.STALL: 3, Act.DROP: 4}
)
"""By weight. Rejecting and stalling stay rare: many heads that fail at once pause a subscription, as they should."""

AT_FIRST_ONLY = frozenset({Act.REJECT, Act.STALL, Act.DROP})
"""What happens on a first attempt only, so that no message comes near the rule for dead letters."""

PSID_BASE = 7_001_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a message says: who said it, and whether it is the conversation's last."""

    said: Said
    last: bool = False

    def __str__(self) -> str:
        return f"{self.said}{' and that is all' if self.last else ''}"

    @classmethod
    def read(cls, text: str) -> Text:
        """The reverse of `str`. Raises ValueError for anything else."""
        place, _, rest = text.partition(" ")
        conversation, _, number = place.partition("/")
        return cls(said=Said(int(conversation), int(number)), last=bool(rest))


def psid(conversation: int) -> str:
    """The customer's page-scoped id."""
    return str(PSID_BASE + conversation)


def act_of(chance: Chance, text: Text, attempt: int) -> Act:
    """What is done with an attempt. A conversation's last message is acknowledged, so that a run comes to an end."""
    if text.last:
        return Act.ACK
    act = chance.pick(ACTS, "act", text.said, attempt)
    return Act.ACK if attempt > 1 and act in AT_FIRST_ONLY else act
