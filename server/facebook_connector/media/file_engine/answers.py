"""What the File Engine's answers mean: pure.

It is documented to answer an upload that it does not take with 404 or 500, which is also what it says when it is in
trouble itself. Such an answer says nothing about the file yet. Source: https://docs.expertflow.com, "Send a media
message".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import orjson


class Verdict(StrEnum):
    """What came of an upload."""

    TAKEN = "taken"
    TOO_LARGE = "too large"
    DOUBTFUL = "doubtful"
    """The file may be to blame, or the File Engine."""
    AWAY = "away"
    """The File Engine, or what stands before it, takes nothing now from this server."""


VERDICTS: Mapping[int, Verdict] = MappingProxyType(
    {
        200: Verdict.TAKEN,
        201: Verdict.TAKEN,
        # A token is missing or over; also a redirect to where one logs in (below).
        401: Verdict.AWAY,
        403: Verdict.AWAY,
        407: Verdict.AWAY,
        408: Verdict.AWAY,
        413: Verdict.TOO_LARGE,
        429: Verdict.AWAY,
        # Of the proxy before it.
        502: Verdict.AWAY,
        503: Verdict.AWAY,
        504: Verdict.AWAY,
    }
)
"""HTTP status → verdict; for all others `verdict` decides by their class."""

LOGIN_ASKED = frozenset({401, 403, *range(300, 400)})
"""What is answered to who has no token that counts."""


def verdict(status: int) -> Verdict:
    """Of every HTTP status."""
    if found := VERDICTS.get(status):
        return found
    return Verdict.DOUBTFUL if status // 100 in {4, 5} else Verdict.AWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What the File Engine says of a file that it has stored."""

    name: str
    mime_type: str
    """Empty: it does not say."""
    size: int | None
    """In bytes. None: it says none that is a number."""


def read_upload(body: bytes) -> Uploaded | None:
    """The answer to an upload that was taken; None if it does not say what the file is called now."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("name"), str) or not answer["name"]:
        return None
    mime_type = answer.get("type")
    mime_type = mime_type if isinstance(mime_type, str) and "/" in mime_type else ""
    return Uploaded(name=answer["name"], mime_type=mime_type, size=_number(answer.get("size")))


def cause(status: int) -> str:
    """A status in words, for whoever has to mend it."""
    hint = "; set FBC_FILE_ENGINE_TOKEN" if status in LOGIN_ASKED else ""
    return f"the File Engine answered {status}{hint}"


def _number(value: object) -> int | None:
    """Documented as a number, met as a string."""
    text = str(value)
    return int(text) if isinstance(value, int | str) and text.isascii() and text.isdigit() else None
