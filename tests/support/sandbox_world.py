"""The small world the sandbox's tests live in: two pages, a person on each, and secrets that must not leak."""

from __future__ import annotations

import asyncio

PAGE_ID = "100200300400500"
OTHER_PAGE_ID = "100200300400501"
PSID = "7001002003004005"
OTHER_PSID = "7001002003004006"
APP_ID = "555000111222333"
APP_SECRET = "canary-app-secret"
PAGE_TOKEN = "canary-page-token"
OTHER_TOKEN = "canary-other-token"
VERIFY_TOKEN = "canary-verify-token"
NOW_MS = 1_794_300_000_000


class Waits:
    """Stands in for sleeping: notes how long, and returns at once, or when enough of them wait side by side."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.together: asyncio.Barrier | None = None

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self.together is not None:
            await self.together.wait()
