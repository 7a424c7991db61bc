"""What a form may fill in: fresh ids, messages of the conversation to refer to, links to media that can be fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    mid: str
    """A fresh message id."""
    own_mid: str
    """The person's newest message; an invented id if there is none."""
    page_mid: str
    """The page's newest message; an invented id if there is none."""
    page_id: str
    app_id: str
    """The app that gets the webhooks."""
    at_ms: int
    """When the page's newest message was sent; now, if there is none."""
    media: Callable[[str], str]
    """Puts a file of this media kind on the shelf and returns its signed URL."""


Fill = Callable[[Setting], dict[str, Any]]
"""Fills in the details of an event."""
