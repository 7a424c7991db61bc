"""What each attribute of a Facebook connector in Unified Admin means to us: one table, a row for each key. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ccm_bridge.configuration import readings
from ccm_bridge.configuration.attributes import Attribute
from ccm_bridge.configuration.readings import Applied, Fate, Reader, Reading

PAGE_ACCESS_TOKEN: Final = "secrets.page_access_token"  # noqa: S105 - paths of an update mask, here and below
APP_SECRETS: Final = "secrets.app_secrets"
VERIFY_TOKEN: Final = "secrets.verify_token"  # noqa: S105
APP_ID: Final = "app_id"
HUMAN_AGENT: Final = "human_agent_enabled"


@dataclass(frozen=True, slots=True)
class Row:
    """How an attribute is read, and what it changes."""

    read: Reader
    path: str = ""
    """The path in the update mask of `UpdateChannel`; empty: it changes nothing."""


_COMMENTS: Final = Row(
    readings.unused("is about comments under posts, which are not served; who may do what is the desk's affair")
)

TABLE: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "FACEBOOK-API-KEY": Row(readings.page_token, PAGE_ACCESS_TOKEN),
        # Named after a token that it is not: since the first release it holds what Facebook sends as hub.verify_token.
        "FACEBOOK-PAGE-ACCESS-TOKEN": Row(readings.verify_token, VERIFY_TOKEN),
        "FACEBOOK-HOST-URL": Row(readings.graph_host),
        "FACEBOOK-APP-SECRET": Row(readings.app_secrets, APP_SECRETS),
        "FACEBOOK-APP-ID": Row(readings.app_id, APP_ID),
        "FACEBOOK-HUMAN-AGENT": Row(readings.switch, HUMAN_AGENT),
        "EDIT_MESSAGE_SUPPORT_SM": _COMMENTS,
        "LIKE_SUPPORT_SM": _COMMENTS,
        "HIDE_SUPPORT_SM": _COMMENTS,
        "DELETE_SUPPORT_SM": _COMMENTS,
        "ALLOW_VIEW_FULL_POST_SM": _COMMENTS,
        "PRIVATE_REPLY_SUPPORT_SM": _COMMENTS,
        "COMMENT_REPLY_SUPPORT_SM": _COMMENTS,
    }
)
"""By key in upper case. The first three are what installations have, the next three are ours and optional."""

UNKNOWN: Final = Reading(fate=Fate.IGNORED, detail="is not known")
REPEATED: Final = Reading(fate=Fate.IGNORED, detail="is named again further on: the last one counts")

_SHOWABLE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one attribute."""

    key: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the attributes of a channel ask for."""

    values: Mapping[str, Applied] = field(repr=False)
    """By path in the update mask."""
    masked: frozenset[str]
    """The paths whose values CCM hides."""
    verdicts: tuple[Verdict, ...]
    """One for each attribute, in order."""


def wishes(attributes: Iterable[Attribute]) -> Wishes:
    """Reads all attributes of a channel by the table. Keys count in any case."""
    given = list(attributes)
    last = {attribute.key.upper(): index for index, attribute in enumerate(given)}
    values: dict[str, Applied] = {}
    masked: set[str] = set()
    verdicts = []
    for index, attribute in enumerate(given):
        row = TABLE.get(attribute.key.upper())
        reading = _reading(row, attribute, repeated=last[attribute.key.upper()] != index)
        verdicts.append(Verdict(key=_shown(attribute.key), reading=reading))
        if row is not None and reading.applied is not None:
            values[row.path] = reading.applied
        if row is not None and reading.masked:
            masked.add(row.path)
    return Wishes(values=values, masked=frozenset(masked), verdicts=tuple(verdicts))


def _reading(row: Row | None, attribute: Attribute, *, repeated: bool) -> Reading:
    if repeated:
        return REPEATED
    return UNKNOWN if row is None else row.read(attribute.value)


def _shown(key: str) -> str:
    """A key as it may be repeated: what is no name of anything might be a value in the wrong place."""
    return key if _SHOWABLE.fullmatch(key) else "(no readable name)"
