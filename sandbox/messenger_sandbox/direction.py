"""One request to the director's side, taken apart; what every director gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from messenger_sandbox.state import SandboxState


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    state: SandboxState
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


Director = Callable[[Direction], Awaitable[dict[str, Any]]]
"""Answers one direction with a JSON object; KeyError, IndexError, TypeError and ValueError become a 400."""
