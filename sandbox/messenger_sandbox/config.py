"""How a sandbox is set up: where it listens, which app, pages and people it starts with, how it retries."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from messenger_sandbox.clock import Clock, system_clock
from messenger_sandbox.fault_script import ScriptedFault
from messenger_sandbox.fetching import DEFAULT_DEADLINES, FetchDeadlines
from messenger_sandbox.poster import ANSWER_DEADLINE_S, DEFAULT_RETRY, RetryPolicy, Sleep
from messenger_sandbox.serving import GRACE_S
from messenger_sandbox.world import Page, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Required are the app's id, secret and verify token; everything else has a default."""

    app_id: str
    """Digits."""
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free port; `RunningSandbox.base_url` tells which."""
    media_origin: str | None = None
    """Where links to media point to, without a trailing slash. None: to the sandbox itself."""
    grace_s: int = GRACE_S
    """How long calls that are still being answered may go on when the sandbox closes."""
    callback_url: str | None = None
    """Where webhooks go. None: nothing is posted until a handshake sets one."""
    require_proof: bool = False
    """Refuses Graph calls without `appsecret_proof`."""
    pages: tuple[Page, ...] = ()
    people: tuple[Person, ...] = ()
    faults: tuple[ScriptedFault, ...] = ()
    """What goes wrong from the start."""
    journal_file: Path | None = None
    """Appended to, one JSON line per entry."""
    journal_kept: int | None = None
    """So many of the newest entries stay in memory; None: all. A run without end wants a bound."""
    retry: RetryPolicy = DEFAULT_RETRY
    answer_deadline_s: float = ANSWER_DEADLINE_S
    fetch_deadlines: FetchDeadlines = DEFAULT_DEADLINES
    """How long a file that a send names by URL may take."""
    clock: Clock = system_clock
    sleep: Sleep = asyncio.sleep
    """Waits out backoffs and delays."""
    random: Random = field(default_factory=secrets.SystemRandom, repr=False)
    """Source of ids; a seeded one mints the same ids again."""

    def __post_init__(self) -> None:
        if self.journal_kept is not None and self.journal_kept < 1:
            raise ValueError("journal_kept must be 1 or more")
        if not self.app_id.isdecimal():
            raise ValueError("app_id must be digits")
