"""Scripted faults of the Send API and of profiles: what goes wrong, at which stage, how often, for whom.

The table names the faults a test or a person at the control endpoint may ask for. A fault either comes before Facebook
took the message (the customer never sees it) or after (the customer sees it, the caller is told otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from messenger_sandbox.errors import ERRORS, ErrorName, GraphError


class Stage(StrEnum):
    BEFORE_TAKEN = "before_taken"
    AFTER_TAKEN = "after_taken"
    PROFILE = "profile"
    """Not a send: somebody asks for the person's profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a call. With neither `error` nor `status` the call only waits and is then handled as usual."""

    stage: Stage
    error: GraphError | None = None
    """Answers with this error's envelope and status."""
    status: int | None = None
    """Answers with this status and `body`, which need not be JSON."""
    body: bytes = b""
    delay_s: float = 0
    echo_first: bool = False
    """Waits until the echo's webhook is through before the call is answered; only after the message was taken."""

    @property
    def answers(self) -> bool:
        return self.error is not None or self.status is not None


_HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"
_LONGER_THAN_ANY_CLIENT_WAITS_S = 600.0
_LONGER_THAN_A_FIRST_CONTACT_WAITS_S = 5.0


def _error(name: ErrorName, stage: Stage = Stage.BEFORE_TAKEN) -> Fault:
    return Fault(stage=stage, error=ERRORS[name])


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "app_limit": _error(ErrorName.APP_LIMIT),
        "calls_limit": _error(ErrorName.CALLS_LIMIT),
        "messenger_limit": _error(ErrorName.MESSENGER_LIMIT),
        "password_changed": _error(ErrorName.TOKEN_PASSWORD_CHANGED),
        "outside_window": _error(ErrorName.OUTSIDE_WINDOW),
        "thread_owned": _error(ErrorName.THREAD_OWNED),
        "page_restricted": _error(ErrorName.PAGE_RESTRICTED),
        "unreachable": _error(ErrorName.UNREACHABLE),
        "temporary": _error(ErrorName.TEMPORARY),
        "taken_but_unreadable": _error(ErrorName.TAKEN_BUT_UNREADABLE, Stage.AFTER_TAKEN),
        "too_many_requests": Fault(stage=Stage.BEFORE_TAKEN, status=429),
        "server_error": Fault(stage=Stage.BEFORE_TAKEN, status=500),
        "bad_gateway": Fault(stage=Stage.BEFORE_TAKEN, status=502, body=_HTML_502),
        "server_error_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=500),
        "bad_gateway_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=502, body=_HTML_502),
        "empty_success": Fault(stage=Stage.AFTER_TAKEN, status=200, body=b"{}"),
        "silence": Fault(stage=Stage.BEFORE_TAKEN, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
        "silence_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
        "echo_first": Fault(stage=Stage.AFTER_TAKEN, echo_first=True),
        "no_profile": _error(ErrorName.NO_PROFILE, Stage.PROFILE),
        "profile_forbidden": _error(ErrorName.PROFILE_FIELD_FORBIDDEN, Stage.PROFILE),
        "profile_empty": Fault(stage=Stage.PROFILE, status=200, body=b"{}"),
        "profile_temporary": _error(ErrorName.TEMPORARY, Stage.PROFILE),
        "profile_limit": _error(ErrorName.APP_LIMIT, Stage.PROFILE),
        "profile_not_json": Fault(stage=Stage.PROFILE, status=502, body=_HTML_502),
        "profile_slow": Fault(stage=Stage.PROFILE, delay_s=_LONGER_THAN_A_FIRST_CONTACT_WAITS_S),
        "profile_silence": Fault(stage=Stage.PROFILE, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedFault:
    """A fault waiting for its sends; None for page or person means any. `times` counts down to nothing."""

    name: str
    fault: Fault
    page_id: str | None = None
    psid: str | None = None
    times: int = 1

    def meets(self, stage: Stage, page_id: str, psid: str | None) -> bool:
        return self.fault.stage is stage and self.page_id in {None, page_id} and self.psid in {None, psid}


class FaultScript:
    """The faults still to come; the oldest that fits a send happens to it."""

    def __init__(self) -> None:
        self._waiting: list[ScriptedFault] = []

    @property
    def waiting(self) -> tuple[ScriptedFault, ...]:
        return tuple(self._waiting)

    def add(self, scripted: ScriptedFault) -> None:
        if scripted.times < 1:
            raise ValueError("a fault happens at least once")
        self._waiting.append(scripted)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, stage: Stage, page_id: str, psid: str | None) -> ScriptedFault | None:
        """Returns the fault that happens to this send now, and counts it."""
        for index, scripted in enumerate(self._waiting):
            if scripted.meets(stage, page_id, psid):
                self._waiting[index : index + 1] = [replace(scripted, times=scripted.times - 1)] * (scripted.times > 1)
                return scripted
        return None
