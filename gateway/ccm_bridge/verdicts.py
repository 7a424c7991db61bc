"""What CCM's answer to a posted message means: one table of statuses. Pure.

Only what is certainly the message's own fault is REJECTED, for that counts towards the dead letter. What a wrong
address, a missing credential or a proxy in between can answer too is UNAVAILABLE: it stops everything until somebody
mends it, and loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

MAX_RETRY_AFTER_S: Final = 600.0
"""The longest delay that a nack can ask for."""
MAX_REASON: Final = 900
"""A nack's detail has room for 1024 characters."""
SHORTEST_QUOTE: Final = 4
"""A text as short as this is not looked for in an answer: it would be found in words that are none of it."""


class Ruling(Enum):
    """What becomes of the message."""

    TAKEN = "taken"
    UNAVAILABLE = "unavailable"
    """CCM cannot take messages at present: this one comes again, as often as it takes."""
    REJECTED = "rejected"
    """CCM refuses this very message: it comes again a few times, and then becomes a dead letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The ruling on one answer."""

    ruling: Ruling
    reason: str = ""
    """For the operator: the status, and what CCM said."""
    retry_after_s: float | None = None
    """How long CCM wants to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What CCM answered."""

    status: int
    body: bytes = b""
    """The beginning of it, at least."""
    retry_after: str = ""
    """The header."""


_BY_CLASS: Final[Mapping[int, Ruling]] = MappingProxyType(
    {
        1: Ruling.UNAVAILABLE,  # no final answer came
        2: Ruling.TAKEN,  # RFC 9110, 15.3: received, understood and accepted
        3: Ruling.UNAVAILABLE,  # the address is wrong; a redirected POST arrives as a GET
        4: Ruling.REJECTED,  # RFC 9110, 15.5: the request is at fault
        5: Ruling.UNAVAILABLE,
    }
)

_NOT_THE_MESSAGE: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,  # a gateway in between wants credentials
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.METHOD_NOT_ALLOWED,  # the address leads elsewhere: all messages are posted alike
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.LENGTH_REQUIRED,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.EXPECTATION_FAILED,
        HTTPStatus.IM_A_TEAPOT,
        HTTPStatus.MISDIRECTED_REQUEST,
        HTTPStatus.UPGRADE_REQUIRED,
        HTTPStatus.PRECONDITION_REQUIRED,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        HTTPStatus.REQUEST_TIMEOUT,  # it may work another time
        HTTPStatus.LOCKED,
        HTTPStatus.FAILED_DEPENDENCY,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)

RULINGS: Final[Mapping[int, Ruling]] = MappingProxyType(
    {status: _BY_CLASS[status // 100] for status in range(100, 600)}
    | {status.value: Ruling.UNAVAILABLE for status in _NOT_THE_MESSAGE}
)
"""Status → ruling, for every status that HTTP can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How this CCM's answers are read; see the settings of the same meaning."""

    rejecting: frozenset[int] = frozenset()
    """Statuses that mean REJECTED beside those of the table."""
    reason_codes: bool = True
    """The `reasonCode` in the body of a success counts like a status: CCM's documentation has it say 404 for a channel
    that is not registered, perhaps inside a 200."""


def ruled(answer: Answer, reading: Reading, *, text: str, now_ms: int) -> Verdict:
    """Judges an answer; `text` is what the customer wrote, which must not stand in a reason."""
    told = _members(answer.body)
    said = _said(answer, told, text)
    ruling = _ruling(answer.status, reading)
    if ruling is Ruling.TAKEN and reading.reason_codes and (code := _reason_code(told)) in RULINGS:
        ruling = _ruling(code, reading)
        said = f"{said} (reasonCode {code})"
    if ruling is Ruling.TAKEN:
        return Verdict(ruling=ruling)
    return Verdict(ruling=ruling, reason=said, retry_after_s=retry_after(answer.retry_after, now_ms))


def retry_after(header: str, now_ms: int) -> float | None:
    """The seconds of a `Retry-After`, in either form, within what a nack can ask for; None: not said."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.fromtimestamp(now_ms / 1000, UTC)).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _ruling(status: int, reading: Reading) -> Ruling:
    if status in reading.rejecting:
        return Ruling.REJECTED
    return RULINGS.get(status, Ruling.UNAVAILABLE)


def _members(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _reason_code(told: Mapping[str, Any]) -> int:
    """The `reasonCode` of a body that is shaped like DELIVERYNOTIFICATION, bare or as a whole message; 0: none."""
    inner = told.get("body")
    for holder in (told, inner if isinstance(inner, dict) else {}):
        text = str(holder.get("reasonCode", ""))
        if text.isascii() and text.isdigit():
            return int(text[:9])
    return 0


def _said(answer: Answer, told: Mapping[str, Any], text: str) -> str:
    """The status and what CCM said to it, without the customer's words: CCM may quote what it could not read."""
    words = " ".join(str(told[key]) for key in ("error", "message", "markdownText") if told.get(key))
    said = words or answer.body.decode("utf-8", "replace")
    if len(text) > SHORTEST_QUOTE:
        for form in _forms(text):
            said = said.replace(form, "[text]")
    return f"CCM answered {answer.status}: {' '.join(said.split())}"[:MAX_REASON].rstrip(": ")


def _forms(text: str) -> list[str]:
    """How an answer may spell it: as it is, and as it stood in the JSON that was posted or stands in the answer's."""
    spelt = {text, *(json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))}
    return sorted(spelt, key=len, reverse=True)
