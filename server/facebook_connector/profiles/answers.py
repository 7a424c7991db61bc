"""What Facebook's answer about a person means: names or none, and when to ask again. Pure.

Nothing here is a failure. Without names a message goes out all the same, and whatever is wrong with the token or the
app is for sending to find out: a profile is no reason to stop a channel.
Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from facebook_connector.delivery.profiles import Names
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error
from service_runtime.backoff import Backoff

FRESH_MS: Final = 24 * 3600 * 1000
"""How long an answer counts, one without names too."""

TRIES: Final = 4
"""Tries in a row before it is left until the person writes again."""

BETWEEN_TRIES: Final = Backoff(first=2.0, cap=30.0)

TROUBLE_MS: Final = 10 * 60 * 1000
"""How long to leave a person alone about whom Facebook gave no answer."""

REFUSED_MS: Final = 10 * 60 * 1000
"""How long to leave a page alone whose token or app may not read profiles: every call would end the same."""

THROTTLED_MS: Final = 60 * 1000
"""How long to leave a page alone whose rate limit is used up, when Facebook names no time."""

MAX_NAME: Final = 255

TOO_MANY_REQUESTS: Final = 429
SERVER_ERRORS: Final = range(500, 600)


PSID: Final = re.compile(r"[0-9]{1,64}", re.ASCII)
"""Ids that may be asked about: they stand in a URL, and webhooks of an unsigned page can hold anything."""


class Reaction(Enum):
    """What to do about a refusal."""

    NO_NAMES = auto()
    """Facebook tells nothing about this person; as good an answer as any."""
    TRY_AGAIN = auto()
    """It may go well in a moment."""
    LEAVE_PAGE = auto()
    """The page's token or app may not do this, whoever the person is."""
    SLOW_DOWN = auto()
    """The page has asked too often."""


REACTIONS: Mapping[ErrorClass, Reaction] = MappingProxyType(
    {
        ErrorClass.CONTENT: Reaction.NO_NAMES,
        ErrorClass.MEDIA: Reaction.NO_NAMES,
        ErrorClass.RECIPIENT: Reaction.NO_NAMES,
        ErrorClass.NO_RECIPIENT: Reaction.NO_NAMES,
        ErrorClass.WINDOW: Reaction.NO_NAMES,
        ErrorClass.THREAD: Reaction.NO_NAMES,
        ErrorClass.BUSY_THREAD: Reaction.NO_NAMES,
        ErrorClass.AMBIGUOUS: Reaction.TRY_AGAIN,
        ErrorClass.PERMISSION: Reaction.LEAVE_PAGE,
        ErrorClass.TOKEN: Reaction.LEAVE_PAGE,
        ErrorClass.APP_SECRET: Reaction.LEAVE_PAGE,
        ErrorClass.RESTRICTED: Reaction.LEAVE_PAGE,
        ErrorClass.ABUSE: Reaction.SLOW_DOWN,
        ErrorClass.THROTTLE: Reaction.SLOW_DOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of asking."""

    names: Names | None = None
    """None: there are none; what was known before stays."""
    retry_ms: int | None = None
    """Ask again by itself after so long."""
    fresh_ms: int
    """Else ask again no sooner than after so long, when the person writes."""
    page_rests: bool = False
    """For `fresh_ms` nobody of the page is asked about."""
    problem: str = ""
    """What an operator should know; never what Facebook wrote."""


NOBODY: Final = Verdict(fresh_ms=FRESH_MS)
"""Facebook knows nothing about this person."""


def is_person(psid: str) -> bool:
    """Whether this may be the id of a person."""
    return PSID.fullmatch(psid) is not None


def judge(reply: GraphReply | None, attempts: int, random: Callable[[], float]) -> Verdict:
    """The verdict on an answer after so many failed tries; None: there was no answer."""
    if reply is None:
        return _try_again(attempts, random)
    if reply.ok:
        return Verdict(names=read_names(reply), fresh_ms=FRESH_MS)
    match _reaction(reply):
        case Reaction.NO_NAMES:
            return NOBODY
        case Reaction.TRY_AGAIN:
            return _try_again(attempts, random)
        case Reaction.LEAVE_PAGE:
            return Verdict(fresh_ms=REFUSED_MS, page_rests=True, problem=_problem(reply))
        case Reaction.SLOW_DOWN:
            rest_ms = max(reply.usage.regain_ms, THROTTLED_MS)
            return Verdict(fresh_ms=rest_ms, page_rests=True, problem=_problem(reply))


def resting(until_ms: int, now_ms: int) -> Verdict:
    """The verdict without asking, while the page is left alone or its channel is stopped."""
    return Verdict(fresh_ms=max(until_ms - now_ms, 0))


def read_names(reply: GraphReply) -> Names | None:
    """The names in a profile; one that is not told in parts is a first name. None: Facebook tells no name.

    A person who never consented is an empty object or an `id` alone.
    """
    first, last = _text(reply, "first_name"), _text(reply, "last_name")
    if not first and not last:
        first = _text(reply, "name")
    return Names(first=first, last=last) if first or last else None


def _text(reply: GraphReply, field: str) -> str:
    """A name on one line, without what no name holds and no database takes."""
    value = reply.body.get(field)
    if not isinstance(value, str):
        return ""
    printable = "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(printable.split())[:MAX_NAME].rstrip()


def _reaction(reply: GraphReply) -> Reaction:
    meaning = meaning_of_error(reply.error) if reply.error is not None else None
    if meaning is not None:
        return REACTIONS[meaning.error_class]
    if reply.status == TOO_MANY_REQUESTS:
        return Reaction.SLOW_DOWN
    if reply.status in SERVER_ERRORS or (reply.error is not None and reply.error.transient):
        return Reaction.TRY_AGAIN
    return Reaction.NO_NAMES


def _try_again(attempts: int, random: Callable[[], float]) -> Verdict:
    if attempts + 1 >= TRIES:
        return Verdict(fresh_ms=TROUBLE_MS)
    return Verdict(retry_ms=int(BETWEEN_TRIES.delay(attempts + 1, random) * 1000), fresh_ms=TROUBLE_MS)


def _problem(reply: GraphReply) -> str:
    error = reply.error
    meaning = meaning_of_error(error) if error is not None else None
    if error is None or meaning is None:
        return f"Facebook answered HTTP {reply.status}."
    number = f"{error.code}" if error.subcode is None else f"{error.code}/{error.subcode}"
    return f"{meaning.detail.removesuffix('.')} ({number})."
