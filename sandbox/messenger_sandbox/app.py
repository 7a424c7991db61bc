"""The composition root: configuration → state → ASGI application → a listening sandbox, in process or as a command."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from messenger_sandbox import handover
from messenger_sandbox.clock import SandboxClock
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.control import PREFIX, control_mount
from messenger_sandbox.delivery import Delivery
from messenger_sandbox.errors import ErrorName, envelope, refusal
from messenger_sandbox.fault_script import FaultScript, ScriptedFault
from messenger_sandbox.faults import FAULTS, Fault
from messenger_sandbox.fetching import FileFetcher
from messenger_sandbox.graph import graph_routes
from messenger_sandbox.handshake import HandshakeResult
from messenger_sandbox.identifiers import Identifiers
from messenger_sandbox.journal import EntryKind, Journal
from messenger_sandbox.media.route import media_route
from messenger_sandbox.media.shelf import MediaShelf
from messenger_sandbox.pages import PageHandle
from messenger_sandbox.people import PAGE_INBOX_APP_ID, PersonHandle, emit
from messenger_sandbox.poster import Wiring
from messenger_sandbox.profiles import ProfileCalls
from messenger_sandbox.rates import RateBook
from messenger_sandbox.sender import WebhookSender
from messenger_sandbox.serving import listening
from messenger_sandbox.state import SandboxState
from messenger_sandbox.uploads import Uploads
from messenger_sandbox.webhooks import EventKind
from messenger_sandbox.world import App, World

NOWHERE = "http://sandbox.invalid"
"""Where links to media point to while nobody listens."""


def create_state(config: SandboxConfig) -> SandboxState:
    """Builds a sandbox's state; opens the journal file, so `SandboxState.close` must follow."""
    world = World(
        App(
            app_id=config.app_id,
            app_secret=config.app_secret,
            verify_token=config.verify_token,
            callback_url=config.callback_url,
            require_proof=config.require_proof,
        )
    )
    for page in config.pages:
        world.put_page(page)
    for person in config.people:
        world.put_person(person)
    clock, ids, faults = SandboxClock(config.clock), Identifiers(config.random), FaultScript()
    for scripted in config.faults:
        faults.add(scripted)
    journal = Journal(clock, config.journal_file, kept=config.journal_kept)
    wiring = Wiring(
        world=world,
        journal=journal,
        clock=clock,
        sleep=config.sleep,
        retry=config.retry,
        answer_deadline_s=config.answer_deadline_s,
    )
    return SandboxState(
        world=world,
        clock=clock,
        ids=ids,
        journal=journal,
        faults=faults,
        sender=WebhookSender(wiring, faults),
        sleep=config.sleep,
        media=MediaShelf(
            clock=clock, ids=ids, key=b"media of " + config.app_secret.encode(), origin=config.media_origin or NOWHERE
        ),
        uploads=Uploads(),
        fetcher=FileFetcher(config.fetch_deadlines),
        profiles=ProfileCalls(),
        rates=RateBook(clock),
    )


def create_app(state: SandboxState) -> Starlette:
    """Builds the ASGI application: the Graph API by version, media, and `/_sandbox` for whoever directs the play."""

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException), "registered for this class only"
        if request.url.path.startswith(PREFIX):
            return JSONResponse({"error": error.detail}, status_code=error.status_code)
        return JSONResponse(envelope(refusal(ErrorName.UNKNOWN_PATH), state.ids.trace_id()), status_code=400)

    routes = [control_mount(state), media_route(state), *graph_routes(state)]
    return Starlette(routes=routes, exception_handlers={HTTPException: unknown})


class RunningSandbox:
    """A sandbox that listens. Everything it offers over HTTP below `/_sandbox` it offers here in process too."""

    def __init__(self, state: SandboxState, base_url: str) -> None:
        self.state = state
        self.base_url = base_url
        """Stands in for `https://graph.facebook.com`; without a trailing slash."""

    @property
    def journal(self) -> Journal:
        return self.state.journal

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def sender(self) -> WebhookSender:
        return self.state.sender

    @property
    def media(self) -> MediaShelf:
        return self.state.media

    def person(self, psid: str) -> PersonHandle:
        """Raises KeyError for an unknown PSID."""
        return PersonHandle(self.state, psid)

    def page(self, page_id: str) -> PageHandle:
        """Raises KeyError for an unknown page."""
        return PageHandle(self.state, page_id)

    def types_in_inbox(self, psid: str, text: str) -> Delivery:
        """Somebody answers the person in the Page inbox: the person sees it, the app gets the echo of another app.

        With routing the inbox takes the thread.
        """
        mid = self.state.ids.mid()
        page_id = self.world.person(psid).page_id
        if self.world.page(page_id).routing is not None:
            handover.takes(self.state, psid, str(PAGE_INBOX_APP_ID))
        self.journal.record(EntryKind.SEND_TAKEN, page_id=page_id, psid=psid, mid=mid, content="text", text=text)
        return emit(self.state, psid, EventKind.ECHO, {"app_id": PAGE_INBOX_APP_ID, "mid": mid, "text": text})

    async def handshake(self, callback_url: str | None = None, *, verify_token: str | None = None) -> HandshakeResult:
        return await self.state.handshake(callback_url, verify_token=verify_token)

    def advance_clock(self, seconds: float) -> int:
        return self.state.advance_clock(seconds)

    def script_fault(self, fault: str | Fault | ScriptedFault, *, psid: str | None = None, times: int = 1) -> None:
        """Lets the next sends (of one person or of any) go wrong; a name is a row of `FAULTS`.

        A `ScriptedFault` says by itself when it happens.
        """
        if not isinstance(fault, ScriptedFault):
            name, what = (fault, FAULTS[fault]) if isinstance(fault, str) else ("custom", fault)
            fault = ScriptedFault(name=name, fault=what, psid=psid, times=times)
        self.state.script_fault(fault)


class Sandbox:
    def __init__(self, config: SandboxConfig) -> None:
        self._config = config

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[RunningSandbox]:
        """Listens while the block runs; raises OSError if the port is taken. Leaves no task and no socket behind."""
        state = create_state(self._config)
        try:
            async with listening(
                create_app(state), host=self._config.host, port=self._config.port, grace_s=self._config.grace_s
            ) as base_url:
                state.media.origin = self._config.media_origin or base_url
                yield RunningSandbox(state, base_url)
        finally:
            await state.close()


async def run(config: SandboxConfig, *, announce: Callable[[RunningSandbox], None] | None = None) -> None:
    """Serves until SIGINT or SIGTERM; `announce` is called once the sandbox listens."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with Sandbox(config).serve() as running:
            if announce is not None:
                announce(running)
            await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
