"""Which Graph API version answers a call.

Expired versions are served by the oldest one still alive, silently; only the header `facebook-api-version` tells.
Source: https://developers.facebook.com/docs/graph-api/changelog/versions (as of November 2026).
"""

from __future__ import annotations

import re
from typing import Final

OLDEST: Final = (21, 0)
NEWEST: Final = (26, 0)
VERSION_HEADER: Final = "facebook-api-version"
_FORM: Final = re.compile(r"v(\d{1,3})\.(\d{1,2})")


def applied_version(asked: str) -> str | None:
    """Returns the version that serves a path's `vNN.N`, or None if there is no such version (yet)."""
    match = _FORM.fullmatch(asked)
    if match is None:
        return None
    version = (int(match[1]), int(match[2]))
    if version > NEWEST:
        return None
    major, minor = max(version, OLDEST)
    return f"v{major}.{minor}"
