"""What the store says about profiles, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass

from facebook_connector.delivery.profiles import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A profile to ask for, claimed by one server until a time: both together name the claim."""

    page_id: str
    psid: str
    hold_until_ms: int | None
    """Set on the first try: messages of the person wait for it until then."""
    attempts: int
    """Tries that failed before."""
    owner: str
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupEnd:
    """How a lookup ended."""

    names: Names | None = None
    """None: there are none; what was known before stays."""
    retry_ms: int | None = None
    """When to ask again in any case: this was a failed try."""
    fresh_until_ms: int
    """When to ask again at the earliest if the person writes."""
