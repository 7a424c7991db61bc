"""All that one sandbox holds, in one value that the Graph rooms, the control endpoints and the tests share."""

from __future__ import annotations

from dataclasses import dataclass

from messenger_sandbox.clock import SandboxClock
from messenger_sandbox.fault_script import FaultScript, ScriptedFault
from messenger_sandbox.fetching import FileFetcher
from messenger_sandbox.handshake import HandshakeResult, verify_callback
from messenger_sandbox.identifiers import Identifiers
from messenger_sandbox.journal import EntryKind, Journal
from messenger_sandbox.media.shelf import MediaShelf
from messenger_sandbox.poster import Sleep
from messenger_sandbox.profiles import ProfileCalls
from messenger_sandbox.rates import RateBook
from messenger_sandbox.sender import WebhookSender
from messenger_sandbox.uploads import Uploads
from messenger_sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState:
    world: World
    clock: SandboxClock
    ids: Identifiers
    journal: Journal
    faults: FaultScript
    sender: WebhookSender
    media: MediaShelf
    uploads: Uploads
    fetcher: FileFetcher
    profiles: ProfileCalls
    rates: RateBook
    sleep: Sleep

    async def handshake(self, callback_url: str | None = None, *, verify_token: str | None = None) -> HandshakeResult:
        """Verifies a callback (default: the app's own) and, if it answers rightly, makes it the app's.

        Raises ValueError when there is no URL to verify. Another verify token plays a wrong entry in the dashboard.
        """
        url = callback_url or self.world.app.callback_url
        if url is None:
            raise ValueError("the app has no callback URL")
        token = self.world.app.verify_token if verify_token is None else verify_token
        result = await verify_callback(
            self.sender.poster.client, url, verify_token=token, challenge=self.ids.challenge()
        )
        self.journal.record(EntryKind.HANDSHAKE, verified=result.verified, status=result.status)
        if result.verified:
            self.world.change_app(callback_url=url)
        return result

    def advance_clock(self, seconds: float) -> int:
        """Moves the sandbox's clock forward; returns its time in milliseconds. Raises ValueError for a step back."""
        now_ms = self.clock.advance(round(seconds * 1_000))
        self.journal.record(EntryKind.CLOCK_ADVANCED, seconds=seconds)
        return now_ms

    def script_fault(self, scripted: ScriptedFault) -> None:
        """Lets something go wrong from now on."""
        self.faults.add(scripted)
        self.journal.record(
            EntryKind.FAULT_SCRIPTED,
            page_id=scripted.page_id,
            psid=scripted.psid,
            fault=scripted.name,
            times=scripted.times,
            endpoint=scripted.endpoint,
        )

    async def close(self) -> None:
        await self.sender.close()
        await self.fetcher.close()
        self.journal.close()
