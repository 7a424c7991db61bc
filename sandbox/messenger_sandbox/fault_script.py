"""Which fault happens to which call or webhook: rules that wait for their occasions, counted, by chance or by number.

Chance comes from a seed of each rule, so that a run can be repeated. A call that several rules fit gets the oldest one
whose turn it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from types import MappingProxyType

from messenger_sandbox.faults import Fault, Stage

ALWAYS = None
"""As `times`: the rule never ends."""


class Endpoint(StrEnum):
    """What a fault can happen to, most by the last segment of its path."""

    MESSAGES = "messages"
    UPLOADS = "message_attachments"
    SUBSCRIPTIONS = "subscribed_apps"
    TOKENS = "debug_token"
    CONVERSATIONS = "conversations"
    """With the reading of a single conversation or message."""
    THREAD_CONTROL = "thread_control"
    """All calls that pass, take, request, release, extend or read the control of a thread."""
    MESSENGER_PROFILE = "messenger_profile"
    PERSONAS = "personas"
    PROFILES = "profiles"
    """People's profiles."""
    WEBHOOKS = "webhooks"


_USUAL: Mapping[Stage, Endpoint] = MappingProxyType(
    {
        Stage.BEFORE_TAKEN: Endpoint.MESSAGES,
        Stage.AFTER_TAKEN: Endpoint.MESSAGES,
        Stage.PROFILE: Endpoint.PROFILES,
        Stage.WEBHOOK: Endpoint.WEBHOOKS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something a fault may happen to. `event` is the kind of a webhook's event."""

    stage: Stage
    endpoint: Endpoint
    page_id: str
    psid: str | None = None
    text: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedFault:
    """A fault and the occasions it waits for; None means any."""

    name: str
    fault: Fault
    endpoint: Endpoint | None = None
    """None: the usual one of the fault's stage, which is `messages` for all that comes before or after taking."""
    page_id: str | None = None
    psid: str | None = None
    text: str | None = None
    """A regular expression that is searched in the message's text."""
    event: str | None = None
    nth: int = 1
    """It happens to each nth occasion that fits, from 1."""
    probability: float = 1.0
    """Of happening when it is its turn, above 0 and at most 1."""
    seed: int = 0
    times: int | None = 1
    """How often it happens at all; `ALWAYS` for no end."""

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 1:
            raise ValueError("times: a fault happens at least once")
        if self.nth < 1:
            raise ValueError("nth: the first call is number 1")
        if not 0 < self.probability <= 1:
            raise ValueError("probability: must be above 0 and at most 1")
        if self.text is not None:
            _compiled(self.text)

    def meets(self, occasion: Occasion) -> bool:
        return (
            self.fault.stage is occasion.stage
            and (self.endpoint or _USUAL[self.fault.stage]) is occasion.endpoint
            and self.page_id in {None, occasion.page_id}
            and self.psid in {None, occasion.psid}
            and self.event in {None, occasion.event}
            and (self.text is None or _compiled(self.text).search(occasion.text or "") is not None)
        )


def _compiled(pattern: str) -> re.Pattern[str]:
    """`re` keeps compiled patterns by itself."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"text: {error}") from error


class _Waiting:
    """A rule with what it has seen so far."""

    def __init__(self, rule: ScriptedFault) -> None:
        self.rule = rule
        self._random = Random(rule.seed)  # noqa: S311 - repeatable on purpose
        self._seen = 0

    def happens(self) -> bool:
        """Counts an occasion that fits and tells whether it is the one."""
        self._seen += 1
        return self._seen % self.rule.nth == 0 and self._random.random() < self.rule.probability

    def spend(self) -> bool:
        """Counts a fault that happens; tells whether more may come."""
        if self.rule.times is not None:
            if self.rule.times == 1:
                return False
            self.rule = replace(self.rule, times=self.rule.times - 1)
        return True


class FaultScript:
    """The faults still to come; the oldest that fits an occasion happens to it."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    @property
    def waiting(self) -> tuple[ScriptedFault, ...]:
        """With `times` as they are left."""
        return tuple(waiting.rule for waiting in self._waiting)

    def add(self, scripted: ScriptedFault) -> None:
        self._waiting.append(_Waiting(scripted))

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, occasion: Occasion) -> ScriptedFault | None:
        """Returns the fault that happens now, and counts it."""
        for waiting in self._waiting:
            if waiting.rule.meets(occasion) and waiting.happens():
                scripted = waiting.rule
                if not waiting.spend():
                    self._waiting.remove(waiting)
                return scripted
        return None
