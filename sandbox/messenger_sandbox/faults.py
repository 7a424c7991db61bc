"""What can go wrong, by name: at which stage, and what the caller gets to see of it.

The table names the faults a test, a faults file or a person at the control endpoint may ask for. A fault of a send
either comes before Facebook took the message (the customer never sees it) or after (the customer sees it, the caller is
told otherwise). When they happen is said in `fault_script`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from messenger_sandbox.errors import ERRORS, ErrorName, GraphError
from messenger_sandbox.usage import Usage


class Stage(StrEnum):
    BEFORE_TAKEN = "before_taken"
    AFTER_TAKEN = "after_taken"
    """The call did what it was to do; only its answer goes wrong."""
    PROFILE = "profile"
    """Not a send: somebody asks for the person's profile."""
    WEBHOOK = "webhook"
    """Not a call: an event is on its way to the callback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens. A call with none of `error`, `status` and `reset` only waits and is then handled as usual."""

    stage: Stage
    error: GraphError | None = None
    """Answers with this error's envelope and status."""
    status: int | None = None
    """Answers with this status and `body`, which need not be JSON."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Usage | None = None
    """What the usage headers of the answer say; None: as usual."""
    reset: bool = False
    """The connection is closed without an answer."""
    delay_s: float = 0
    echo_first: bool = False
    """Waits until the echo's webhook is through before the call is answered; only after the message was taken."""
    copies: int = 1
    """A webhook's event is posted so many times."""
    lost: bool = False
    """A webhook's event is never posted."""

    def __post_init__(self) -> None:
        if self.copies < 1:
            raise ValueError("copies: must be 1 or more")
        if self.delay_s < 0:
            raise ValueError("delay_s: must not be negative")

    @property
    def answers(self) -> bool:
        return self.error is not None or self.status is not None or self.reset


_HTML_502: Final = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"
_LONGER_THAN_ANY_CLIENT_WAITS_S: Final = 600.0
_LONGER_THAN_A_FIRST_CONTACT_WAITS_S: Final = 5.0
_SLOW_S: Final = 12.0
"""Longer than most calls take, shorter than any client waits for an upload."""
_LATE_S: Final = 2.0
FULL: Final = Usage(percent=100)
FULL_FOR_A_MINUTE: Final = Usage(percent=100, regain_minutes=1)


def _error(name: ErrorName, stage: Stage = Stage.BEFORE_TAKEN, usage: Usage | None = None) -> Fault:
    return Fault(stage=stage, error=ERRORS[name], usage=usage)


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        **{name.value: _error(name) for name in ErrorName},
        "app_limit": _error(ErrorName.APP_LIMIT, usage=FULL),
        "page_limit": _error(ErrorName.PAGE_LIMIT, usage=FULL),
        "calls_limit": _error(ErrorName.CALLS_LIMIT, usage=FULL),
        "messenger_limit": _error(ErrorName.MESSENGER_LIMIT, usage=FULL_FOR_A_MINUTE),
        "password_changed": _error(ErrorName.TOKEN_PASSWORD_CHANGED),
        "taken_but_unreadable": _error(ErrorName.TAKEN_BUT_UNREADABLE, Stage.AFTER_TAKEN),
        "temporary_after_taken": _error(ErrorName.TEMPORARY, Stage.AFTER_TAKEN),
        "too_many_requests": Fault(stage=Stage.BEFORE_TAKEN, status=429, usage=FULL_FOR_A_MINUTE),
        "server_error": Fault(stage=Stage.BEFORE_TAKEN, status=500),
        "bad_gateway": Fault(stage=Stage.BEFORE_TAKEN, status=502, body=_HTML_502),
        "server_error_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=500),
        "bad_gateway_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=502, body=_HTML_502),
        "empty_success": Fault(stage=Stage.AFTER_TAKEN, status=200, body=b"{}"),
        "silence": Fault(stage=Stage.BEFORE_TAKEN, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
        "silence_after_taken": Fault(stage=Stage.AFTER_TAKEN, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
        "reset": Fault(stage=Stage.BEFORE_TAKEN, reset=True),
        "reset_after_taken": Fault(stage=Stage.AFTER_TAKEN, reset=True),
        "slow": Fault(stage=Stage.BEFORE_TAKEN, delay_s=_SLOW_S),
        "echo_first": Fault(stage=Stage.AFTER_TAKEN, echo_first=True),
        "no_profile": _error(ErrorName.NO_PROFILE, Stage.PROFILE),
        "profile_forbidden": _error(ErrorName.PROFILE_FIELD_FORBIDDEN, Stage.PROFILE),
        "profile_missing": _error(ErrorName.MISSING_OBJECT, Stage.PROFILE),
        "profile_no_permission": _error(ErrorName.MESSAGING_PERMISSION_MISSING, Stage.PROFILE),
        "profile_no_feature": _error(ErrorName.NO_PERMISSION, Stage.PROFILE),
        "profile_token_expired": _error(ErrorName.TOKEN_EXPIRED, Stage.PROFILE),
        "profile_id_only": Fault(stage=Stage.PROFILE, status=200, body=b'{"id":"7001002003004005"}'),
        "profile_empty": Fault(stage=Stage.PROFILE, status=200, body=b"{}"),
        "profile_temporary": _error(ErrorName.TEMPORARY, Stage.PROFILE),
        "profile_limit": _error(ErrorName.APP_LIMIT, Stage.PROFILE, FULL),
        "profile_not_json": Fault(stage=Stage.PROFILE, status=502, body=_HTML_502),
        "profile_slow": Fault(stage=Stage.PROFILE, delay_s=_LONGER_THAN_A_FIRST_CONTACT_WAITS_S),
        "profile_silence": Fault(stage=Stage.PROFILE, status=504, delay_s=_LONGER_THAN_ANY_CLIENT_WAITS_S),
        "webhook_duplicate": Fault(stage=Stage.WEBHOOK, copies=2),
        "webhook_late": Fault(stage=Stage.WEBHOOK, delay_s=_LATE_S),
        "webhook_lost": Fault(stage=Stage.WEBHOOK, lost=True),
    }
)
"""Every error of the Graph API by its own name, and what is more than an error."""
