"""Web addresses as Messenger takes them in buttons, cards and media: absolute, http or https, with a host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cim_messenger.outbound.refusals import invalid

_UNFIT = re.compile(r"[\s\x00-\x20\x7f]")


def is_web_address(text: str) -> bool:
    """Whether the text is an absolute http or https address and nothing else."""
    if _UNFIT.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # a bracket that is no IPv6 address, a host that Unicode normalisation would change
        return False


def web_address(text: str, path: str) -> str:
    """The address. Raises `RefusedError` naming `path` if it is none."""
    if not is_web_address(address := text.strip()):
        raise invalid(path, "It must be an absolute http or https address.")
    return address
