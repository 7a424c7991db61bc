"""An outbox at work: a real database with a real channel in it, and the sandbox as Facebook over a real port.

Echoes and customers' messages come from `ingest` directly, as the gateway would hand them over.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from obstore.store import MemoryStore

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_MESSAGE
from expertflow.connector.v1.outbound_pb2 import SendOptions as WireOptions
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.rows import Change, changed_row, new_row
from facebook_connector.channels.seal import Keyring
from facebook_connector.delivery.values import EchoRecord, EventRecord, MessageRecord
from facebook_connector.graph.client import GraphClient
from facebook_connector.graph.conversation import ConversationApi
from facebook_connector.graph.send import SendApi
from facebook_connector.graph.upload import UploadApi
from facebook_connector.media.addresses import AddressRules, normal_origin
from facebook_connector.media.fetch import Fetcher, FetchLimits
from facebook_connector.media.file_engine.engine import FileEngine
from facebook_connector.media.object_store import ObjectMediaStore
from facebook_connector.media.outbound import OutboundMedia
from facebook_connector.media.places import MediaPlaces
from facebook_connector.outbox.conductor import Rhythm
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.outbox.outbox import Outbox, Sent
from facebook_connector.outbox.places import UploadPlaces
from facebook_connector.outbox.uploads import Uploads
from facebook_connector.outbox.waiters import Waiters
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.media import MAX_BYTES
from facebook_connector.sending.request import read_options
from facebook_connector.sending.values import OutboundDetails, SendingChannel
from facebook_connector.store.channels import add_channel, find_channel, remove_channel, replace_channel
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.installation import InstallationStore
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.outbound.attachments import AttachmentStore
from facebook_connector.store.outbound.queue import OutboundStore
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.journal import Entry, EntryKind, Filter
from messenger_sandbox.world import Page, Person
from tests.support.sandbox_world import (
    APP_ID,
    APP_SECRET,
    OTHER_PAGE_ID,
    OTHER_TOKEN,
    PAGE_ID,
    PAGE_TOKEN,
    PSID,
    VERIFY_TOKEN,
)

PUBLIC_BASE_URL = "https://chat.example.com"
FAST = Rhythm(look_ms=20, expiry_ms=20, drain_ms=500, lease_ms=60_000)
MORE_PEOPLE = tuple(f"70010020030041{number:02d}" for number in range(20))
"""PSIDs of further people on `PAGE_ID`."""


class ShiftedClock:
    """The machine's clock, which a test can put forward."""

    def __init__(self) -> None:
        self.shift_ms = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.shift_ms

    def monotonic(self) -> float:
        return time.monotonic()


def text_message(text: str, cim_id: str = "out-1", *, psid: str = PSID, sender: str = "AGENT") -> CimMessage:
    message = CimMessage(id=cim_id)
    message.header.sender.type = sender
    message.header.channel_data.service_identifier = PAGE_ID
    message.header.channel_data.channel_customer_identifier = psid
    message.body.type = "PLAIN"
    message.body.markdown_text = text
    message.body.plain.SetInParent()
    return message


def sandbox_config(clock: ShiftedClock, port: int = 0) -> SandboxConfig:
    return SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        require_proof=True,
        port=port,
        clock=clock.now_ms,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN), Page(page_id=OTHER_PAGE_ID, token=OTHER_TOKEN)),
        people=tuple(Person(psid=psid, page_id=PAGE_ID) for psid in (PSID, *MORE_PEOPLE)),
    )


class OutboxWorld:
    """What a test holds in hand."""

    def __init__(self, facebook: RunningSandbox, database: Database, clock: ShiftedClock) -> None:
        self.facebook = facebook
        self.database = database
        self.clock = clock
        self.keyring = Keyring.generate()
        self.channels = Directory(database, self.keyring, clock)
        self.log = OutboundStore(database)
        self.media = ObjectMediaStore(MemoryStore())
        self.file_engine: FileEngine | None = None
        """To be set before the outbox runs."""
        self.media_origins: set[str] = set()
        """What `FBC_OUTBOUND_MEDIA_ORIGINS` names."""
        self.fetch_limits = FetchLimits(max_bytes=MAX_BYTES)
        self.places = UploadPlaces()
        self.rhythm = FAST
        self.outbox: Outbox

    async def add_channel(self) -> None:
        channel = Channel(page_id=PAGE_ID, app_id=APP_ID, human_agent_enabled=True)
        secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET])
        row = new_row(channel, secrets, self.keyring, self.clock.now_ms())
        await self.database.write(lambda transaction: add_channel(transaction, row))

    async def allow_custom(self) -> None:
        """Lets CUSTOM bodies go out as raw Send API messages."""
        channel = Channel(page_id=PAGE_ID, allow_custom=True)
        await self._change(Change(channel=channel, secrets=ChannelSecrets(), paths=frozenset({"allow_custom"})))

    async def channel(self) -> SendingChannel:
        self.channels.forget(PAGE_ID)
        found = await self.channels.open(PAGE_ID)
        assert found is not None
        return found

    async def until_channel(self, is_so: Callable[[SendingChannel], bool]) -> None:
        """Waits until something holds of the channel."""
        for _ in range(500):
            if is_so(await self.channel()):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it does not become so: {await self.channel()}")

    async def set_page_token(self, token: str = PAGE_TOKEN) -> None:
        """What an operator does about a dead token: a new one also starts the channel."""
        await self._set_secrets(ChannelSecrets(page_access_token=token), "secrets.page_access_token")

    async def set_app_secrets(self, *secrets: str) -> None:
        """What an operator does when the app's secret was changed: the newest first."""
        await self._set_secrets(ChannelSecrets(app_secrets=secrets), "secrets.app_secrets")

    async def _set_secrets(self, secrets: ChannelSecrets, path: str) -> None:
        await self._change(Change(channel=Channel(page_id=PAGE_ID), secrets=secrets, paths=frozenset({path})))

    async def _change(self, change: Change) -> None:
        def work(transaction: Transaction) -> None:
            row = find_channel(transaction, PAGE_ID)
            assert row is not None
            changed = changed_row(row, change, self.keyring, self.clock.now_ms())
            assert replace_channel(transaction, changed, expected_etag=row.etag)

        await self.database.write(work)
        self.channels.forget(PAGE_ID)
        self.outbox.channel_changed(PAGE_ID)

    async def stop_channel(self) -> None:
        error = GraphError(code=368, subcode=None, message="", transient=False, trace_id="")
        await self.channels.stop(await self.channel(), "PAGE_RESTRICTED", error)

    async def remove_channel(self) -> None:
        await self.database.write(lambda transaction: remove_channel(transaction, PAGE_ID))
        self.channels.forget(PAGE_ID)

    async def send(
        self, message: CimMessage, *, wait_ms: int = 5_000, ttl_ms: int | None = None, record_refusals: bool = False
    ) -> Sent:
        options = WireOptions(record_refusals=record_refusals)
        options.wait.FromMilliseconds(wait_ms)
        if ttl_ms is not None:
            options.ttl.FromMilliseconds(ttl_ms)
        return await self.outbox.send(message, read_options(options, message.header.sender.type))

    async def get(self, cim_id: str = "out-1") -> OutboundDetails:
        return await self.outbox.get(cim_id, PAGE_ID)

    async def until_state(self, state: str, cim_id: str = "out-1", *, closed: bool | None = None) -> OutboundDetails:
        """Waits until the message has the state; fails after some seconds with the state it has."""
        await self.until_accepted(cim_id)
        found = await self.get(cim_id)
        for _ in range(500):
            if found.status.state == state and closed in {None, not found.status.open}:
                return found
            await asyncio.sleep(0.01)
            found = await self.get(cim_id)
        raise AssertionError(f"{cim_id} is {found.status.state}, open={found.status.open}: {found.history}")

    async def until_accepted(self, cim_id: str = "out-1") -> None:
        """Waits until the message is stored."""
        for _ in range(500):
            if await self.log.get(cim_id):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{cim_id} was not accepted")

    async def until_taken(self, count: int = 1) -> tuple[Entry, ...]:
        """Waits until Facebook took so many messages."""
        for _ in range(500):
            if len(self.taken()) >= count:
                return self.taken()
            await asyncio.sleep(0.01)
        raise AssertionError(f"Facebook took {len(self.taken())} messages")

    async def until_calls(self, count: int) -> None:
        """Waits until so many sends were answered."""
        for _ in range(500):
            if len(self.calls()) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"there were {len(self.calls())} calls")

    async def until_read(self) -> None:
        """Waits until a conversation was read."""
        answered = Filter(kind=EntryKind.GRAPH_ANSWERED)
        for _ in range(500):
            if any("conversations" in str(entry.details["edge"]) for entry in self.facebook.journal.entries(answered)):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("no conversation was read")

    async def until_history(self, words: str, cim_id: str = "out-1") -> None:
        """Waits until the message's history speaks of it."""
        await self.until_accepted(cim_id)
        for _ in range(500):
            if any(words in entry.detail for entry in (await self.get(cim_id)).history):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"no {words!r} in {(await self.get(cim_id)).history}")

    async def until_history_has(self, count: int, words: str, cim_id: str = "out-1") -> None:
        """Waits until the message's history speaks of it so often."""
        for _ in range(500):
            if sum(words in entry.detail for entry in (await self.get(cim_id)).history) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"not {count} times {words!r} in {(await self.get(cim_id)).history}")

    def calls(self, psid: str | None = None) -> tuple[Entry, ...]:
        """The answers that Facebook gave to sends."""
        return self.facebook.journal.entries(Filter(kind=EntryKind.SEND_ANSWERED, psid=psid))

    def taken(self, psid: str | None = None) -> tuple[Entry, ...]:
        """The messages that Facebook took, so that the customer saw them."""
        return self.facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN, psid=psid))

    async def echo(self, entry: Entry) -> None:
        """Hands over the echo of a message that Facebook took."""
        assert entry.mid is not None
        assert entry.psid is not None
        sent = EchoRecord(mid=entry.mid, metadata=entry.details["metadata"], app_id=APP_ID)
        await self._ingest(replace(_event(entry.mid, entry.psid, entry.at_ms), echo=sent, opens_window=False))

    async def customer_writes(self, *, mid: str = "m_in1", cim_id: str = "in-1", ago_ms: int = 0) -> None:
        """Hands over a message of `PSID`, and lets Facebook's own window know of it."""
        event = _event(mid, PSID, self.clock.now_ms() - ago_ms)
        message = MessageRecord(cim_id=cim_id, message=CimMessage(id=cim_id).SerializeToString(), context=b"")
        await self._ingest(replace(event, messages=(message,)))

    async def _ingest(self, event: EventRecord) -> None:
        await EventStore(self.database).ingest([event], self.clock.now_ms())

    @asynccontextmanager
    async def running(
        self, owner: str = "server-1", *, base_url: str = "", crash: bool = False
    ) -> AsyncIterator[Outbox]:
        """An outbox at work on the database; it ends gracefully, or is cut off in the middle of everything."""
        rules = AddressRules(hosts=(), origins=frozenset(map(normal_origin, self.media_origins)))
        async with (
            GraphClient(base_url or self.facebook.base_url) as graph,
            Fetcher(rules, limits=self.fetch_limits) as fetcher,
        ):
            source = OutboundMedia(
                log=MediaLog(self.database),
                places=MediaPlaces(own=self.media, file_engine=self.file_engine),
                fetcher=fetcher,
                public_base_url=PUBLIC_BASE_URL,
                clock=self.clock,
            )
            context = OutboxContext(
                log=self.log,
                channels=self.channels,
                api=SendApi(graph),
                conversations=ConversationApi(graph),
                clock=self.clock,
                random=random.Random(1).random,
                installation=await InstallationStore(self.database).installation_id(),
                owner=owner,
                text_limit=1999,
                waiters=Waiters(),
                uploads=Uploads(
                    source=source,
                    api=UploadApi(graph),
                    attachments=AttachmentStore(self.database),
                    clock=self.clock,
                    places=self.places,
                ),
            )
            outbox, stop = Outbox(context, self.rhythm), asyncio.Event()
            running = asyncio.create_task(outbox.run(stop), name=f"outbox of {owner}")
            try:
                yield outbox
            finally:
                if crash:
                    running.cancel()
                else:
                    stop.set()
                await asyncio.wait([running])
            if not crash:
                running.result()


@asynccontextmanager
async def outbox_world(database: Database) -> AsyncIterator[OutboxWorld]:
    """A world in which nothing runs yet but the sandbox; every person has just written to the page."""
    clock = ShiftedClock()
    async with Sandbox(sandbox_config(clock)).serve() as facebook:
        for psid in (PSID, *MORE_PEOPLE):
            facebook.person(psid).says("Hello?")
        world = OutboxWorld(facebook, database, clock)
        await world.add_channel()
        yield world


def _event(mid: str, psid: str, time_ms: int) -> EventRecord:
    return EventRecord(
        page_id=PAGE_ID,
        psid=psid,
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=mid,
        mid=mid,
        event_time_ms=time_ms,
        opens_window=True,
        raw=b"{}",
        source=INGEST_SOURCE_LIVE,
        translator_version=1,
    )
