"""Puts the server together: the one file that picks implementations.

It runs as a process (`run`) or inside another one (`running_server`: tests, the demo, `up`).
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.messenger_profile import MessengerProfiles
from facebook_connector.channels.reminder import remind_of_unsigned
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.setup import PageSetup
from facebook_connector.channels.watch import ChannelWatch
from facebook_connector.delivery.notifications import NotificationSender
from facebook_connector.delivery.values import EventRecord, QuarantineRecord
from facebook_connector.graph.client import GraphClient
from facebook_connector.graph.conversation import ConversationApi
from facebook_connector.graph.profile import ProfileApi
from facebook_connector.graph.send import SendApi
from facebook_connector.ground import Ground
from facebook_connector.inbox.dispatcher import DispatcherContext
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.inbox.settling import Settling
from facebook_connector.media.fetch import Fetcher, FetchLimits
from facebook_connector.media_parts import MediaParts, fetch_limits, media_parts, uploads_of
from facebook_connector.opening import opened_database, opened_file_engine, opened_keyring, opened_media_store
from facebook_connector.operations.audit_trail import AuditTrail
from facebook_connector.operations.dead_letters import DeadLetters
from facebook_connector.operations.erasure import Erasure
from facebook_connector.operations.figures import Figures, Server
from facebook_connector.operations.message_decisions import MessageDecisions
from facebook_connector.operations.quarantine import Quarantine
from facebook_connector.operations.renewing import Renewing
from facebook_connector.operations.replay import Replays
from facebook_connector.operations.retention import Retention
from facebook_connector.operations.subscriptions import Subscriptions
from facebook_connector.operations.translation import Retranslator
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.outbox.outbox import Outbox
from facebook_connector.outbox.waiters import Waiters
from facebook_connector.profiles.forgetting import forget_profiles
from facebook_connector.profiles.lookups import LookupContext, Lookups
from facebook_connector.sampling import Sampling
from facebook_connector.sending.media import MAX_BYTES
from facebook_connector.services.channels import ChannelServicer
from facebook_connector.services.connector import ConnectorServicer
from facebook_connector.services.events import read_item
from facebook_connector.services.health import Health
from facebook_connector.services.ingest import IngestServicer
from facebook_connector.services.listening import grpc_server
from facebook_connector.services.media import MediaServicer
from facebook_connector.services.operations import Operations, OperationsServicer
from facebook_connector.services.outbound_calls import OutboundCalls
from facebook_connector.services.registration import SERVICE_NAMES, Servicers, register
from facebook_connector.services.threads import ThreadServicer
from facebook_connector.settings import ServerSettings
from facebook_connector.store.channels import ChannelStore
from facebook_connector.store.engines.measured import MeasuredDatabase
from facebook_connector.store.installation import InstallationStore
from facebook_connector.store.keeping.audit import AuditLog
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.log.thread_owners import ThreadOwnerStore
from facebook_connector.store.outbound.queue import OutboundStore
from facebook_connector.store.profiles.log import ProfileLog
from facebook_connector.store.reading.cursors import CursorStore
from facebook_connector.store.statistics import StatisticsStore
from facebook_connector.telemetry import new_metrics
from facebook_connector.threads.control import ThreadControl
from facebook_connector.wakes import Wakes
from service_runtime import logs
from service_runtime.clock import Clock, SystemClock
from service_runtime.lifecycle import Tasks
from service_runtime.listen import Address
from service_runtime.metrics import shown_at
from service_runtime.process import run_until_stopped

DISTRIBUTION: Final = "facebook-connector"

GRACE_S: Final = 7.5
"""How long calls, sends and downloads in flight may take once the server is told to stop; within the 10 s of a stop."""

_log = logs.get_logger("server")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that serves."""

    address: Address
    """Where it listens; with the port that the system chose, if it was to choose."""
    metrics_address: Address | None
    """Where `/metrics` is shown, if anywhere."""
    failure: Callable[[], Coroutine[Any, Any, None]]
    """Returns never while all is well; raises what killed a part of the server."""


@asynccontextmanager
async def running_server(
    settings: ServerSettings, clock: Clock | None = None, *, grace_s: float = GRACE_S
) -> AsyncIterator[RunningServer]:
    """Serves until the block is left; calls, streams and sends are ended in order then, within 10 seconds.

    Raises `SettingsError`, one line that names what to change, when it cannot start.
    """
    clock, metrics = clock or SystemClock(), new_metrics()
    keyring = opened_keyring(settings)
    media = opened_media_store(settings)
    async with (
        opened_database(settings) as opened,
        shown_at(settings.metrics_address, metrics, setting="FBC_METRICS_LISTEN") as shown,
        GraphClient(settings.graph_url, metrics) as graph,
        opened_file_engine(settings) as file_engine,
        Fetcher(settings.media_rules, limits=fetch_limits(settings)) as fetcher,
        Fetcher(settings.outbound_media_rules, limits=FetchLimits(max_bytes=MAX_BYTES)) as outbound_fetcher,
        Tasks() as tasks,
    ):
        database = MeasuredDatabase(opened, metrics)
        ground = Ground(
            database=database,
            graph=graph,
            fetcher=fetcher,
            outbound_fetcher=outbound_fetcher,
            media=media,
            file_engine=file_engine,
            keyring=keyring,
            clock=clock,
            owner=secrets.token_hex(8),
            metrics=metrics,
        )
        parts = await _assembled(settings, ground, tasks)
        server, address = grpc_server(settings, clock, metrics)
        register(server, parts.servicers, parts.health)
        await parts.health.starting()
        stop = asyncio.Event()
        sending = tasks.start("outbox", parts.outbox.run(stop))
        fetching = tasks.start("downloads", parts.media.downloads.run(stop))
        tasks.start("media cleaning", parts.media.kept.run())
        if settings.profiles:
            tasks.start("profiles", parts.lookups.run())
        tasks.start("profile forgetting", forget_profiles(ProfileLog(database), clock))
        tasks.start("settling", parts.settling.run())
        tasks.start("retention", Retention(database, clock).run())
        tasks.start("notices", database.listen(parts.wakes.hear))
        tasks.start("unsigned reminder", remind_of_unsigned(parts.directory))
        if settings.channel_watch:
            tasks.start("channel watch", _channel_watch(ground, parts.directory).run())
        await server.start()
        await parts.health.check()
        tasks.start("health", parts.health.watch())
        if shown is not None:
            tasks.start("metrics", parts.sampling.run())
        _log.info("server serves", address=str(address), tls=settings.tls is not None)
        try:
            yield RunningServer(address=address, metrics_address=shown, failure=tasks.failure)
        finally:
            _log.info("server drains")
            await parts.health.draining()
            stop.set()
            parts.media.downloads.wake()
            await asyncio.gather(
                parts.inbox.drain(grace_s),
                server.stop(grace_s),
                asyncio.wait([sending, fetching], timeout=grace_s),
            )


def run(settings: ServerSettings) -> None:
    """Runs the server as this process until SIGTERM or SIGINT."""
    run_until_stopped("server", settings.log_level, running_server(settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a server that have a life of their own."""

    servicers: Servicers
    directory: Directory
    inbox: Inbox
    settling: Settling
    outbox: Outbox
    media: MediaParts
    wakes: Wakes
    lookups: Lookups
    sampling: Sampling
    health: Health


async def _assembled(settings: ServerSettings, ground: Ground, tasks: Tasks) -> Parts:
    installation = InstallationStore(ground.database)
    directory = Directory(ground.database, ground.keyring, ground.clock)
    new_people = asyncio.Event()
    media, inbox = await _media_and_inbox(settings, ground, tasks, new_people.set)
    lookups = await _lookups(ground, directory, inbox, new_people)
    installation_id = await installation.installation_id()
    outbox = Outbox(
        OutboxContext(
            log=OutboundStore(ground.database),
            channels=directory,
            api=SendApi(ground.graph),
            conversations=ConversationApi(ground.graph),
            clock=ground.clock,
            random=random.random,
            installation=installation_id,
            owner=ground.owner,
            text_limit=settings.text_limit,
            waiters=Waiters(),
            uploads=uploads_of(settings, ground),
            metrics=ground.metrics,
        )
    )
    channels = _channels(ground, directory, outbox)
    operations = _operations(settings, ground, inbox, outbox, media)
    figures = _figures(ground, inbox, outbox, installation_id)
    servicers = Servicers(
        connector=ConnectorServicer(
            inbox, OutboundCalls(outbox), operations.decisions, ground.clock, version(DISTRIBUTION)
        ),
        ingest=IngestServicer(inbox.ingest, directory.webhook_keys, ground.clock, media.link_secret),
        channels=_channel_servicer(ground, directory, channels),
        media=MediaServicer(media.kept, media.written),
        operations=OperationsServicer(operations, figures),
        threads=_thread_servicer(ground, directory, channels),
    )
    health = Health(SERVICE_NAMES, installation.probe)
    settling = Settling(_event_store(settings, ground), ground.clock, inbox.announce)
    return Parts(
        servicers=servicers,
        directory=directory,
        inbox=inbox,
        settling=settling,
        outbox=outbox,
        media=media,
        lookups=lookups,
        wakes=Wakes(inbox=inbox, outbox=outbox, directory=directory, downloads=media.downloads, metrics=ground.metrics),
        sampling=Sampling(
            metrics=ground.metrics,
            statistics=StatisticsStore(ground.database),
            inbox=inbox,
            outbox=outbox,
            clock=ground.clock,
        ),
        health=health,
    )


def _event_store(settings: ServerSettings, ground: Ground) -> EventStore:
    return EventStore(ground.database, profiles=settings.profiles, sender=_notification_sender(settings))


def _notification_sender(settings: ServerSettings) -> NotificationSender:
    return NotificationSender(id=settings.sender_id, name=settings.sender_name)


async def _lookups(ground: Ground, directory: Directory, inbox: Inbox, new_people: asyncio.Event) -> Lookups:
    log = ProfileLog(ground.database)
    if ground.database.exclusive:
        await log.end_earlier_claims(ground.owner, now_ms=ground.clock.now_ms())
    context = LookupContext(
        log=log,
        open_channel=directory.open,
        api=ProfileApi(ground.graph),
        clock=ground.clock,
        random=random.random,
        owner=ground.owner,
        announce=inbox.announce,
        hold_over=inbox.look,
    )
    return Lookups(context, new_people)


async def _media_and_inbox(
    settings: ServerSettings, ground: Ground, tasks: Tasks, profiles_wanted: Callable[[], None]
) -> tuple[MediaParts, Inbox]:
    """Each tells the other of what is new: the inbox what to fetch, the downloads what can be delivered."""

    def announce(subscription_ids: Collection[int]) -> None:
        inbox.announce(subscription_ids)

    media = await media_parts(settings, ground, announce)
    wake = media.downloads.wake
    inbox = Inbox(_event_store(settings, ground), await _dispatching(ground), tasks, wake, profiles_wanted)
    return media, inbox


async def _dispatching(ground: Ground) -> DispatcherContext:
    cursors = CursorStore(ground.database)
    if ground.database.exclusive:
        # Nobody else can be at work on this database: what an earlier run had claimed is free at once.
        await cursors.end_earlier_claims(ground.owner, now_ms=ground.clock.now_ms())
    return DispatcherContext(
        cursors=cursors, clock=ground.clock, random=random.random, owner=ground.owner, metrics=ground.metrics
    )


def _channels(ground: Ground, directory: Directory, outbox: Outbox) -> Channels:
    def changed(page_id: str) -> None:
        directory.forget(page_id)
        outbox.channel_changed(page_id)

    requests = OperatorRequests(ground.database, ground.keyring, ground.clock)
    return Channels(store=ChannelStore(ground.database), requests=requests, keyring=ground.keyring, changed=changed)


def _channel_servicer(ground: Ground, directory: Directory, channels: Channels) -> ChannelServicer:
    setup = PageSetup(
        channels=channels, directory=directory, requests=channels.requests, graph=ground.graph, clock=ground.clock
    )
    profiles = MessengerProfiles(channels=channels, directory=directory, requests=channels.requests, graph=ground.graph)
    return ChannelServicer(channels, setup, profiles)


def _channel_watch(ground: Ground, directory: Directory) -> ChannelWatch:
    return ChannelWatch(
        database=ground.database, directory=directory, graph=ground.graph, clock=ground.clock, metrics=ground.metrics
    )


def _thread_servicer(ground: Ground, directory: Directory, channels: Channels) -> ThreadServicer:
    control = ThreadControl(
        channels=channels,
        directory=directory,
        requests=channels.requests,
        owners=ThreadOwnerStore(ground.database),
        graph=ground.graph,
        clock=ground.clock,
    )
    return ThreadServicer(control)


def _figures(ground: Ground, inbox: Inbox, outbox: Outbox, installation_id: str) -> Figures:
    server = Server(installation_id=installation_id, version=version(DISTRIBUTION), start_ms=ground.clock.now_ms())
    return Figures(
        server=server, store=StatisticsStore(ground.database), inbox=inbox, settled=outbox.settled, clock=ground.clock
    )


def _operations(
    settings: ServerSettings, ground: Ground, inbox: Inbox, outbox: Outbox, media: MediaParts
) -> Operations:
    def read(item: IngestItem) -> EventRecord | QuarantineRecord:
        return read_item(item, "item", ground.clock.now_ms(), media.link_secret)

    def ready(subscription_id: int) -> None:
        inbox.announce([subscription_id])

    database, requests = ground.database, OperatorRequests(ground.database, ground.keyring, ground.clock)
    retranslator = Retranslator(settings.translator, read)
    quarantine = Quarantine(
        database=database,
        requests=requests,
        retranslator=retranslator,
        sender=_notification_sender(settings),
        committed=inbox.ingest.committed,
        clock=ground.clock,
    )
    return Operations(
        audit=AuditTrail(AuditLog(database)),
        subscriptions=Subscriptions(database=database, requests=requests, clock=ground.clock, deleted=inbox.deleted),
        quarantine=quarantine,
        dead_letters=DeadLetters(
            database=database,
            requests=requests,
            renewing=Renewing(database=database, retranslator=retranslator, clock=ground.clock),
            ready=ready,
        ),
        replays=Replays(requests=requests, ready=ready),
        erasure=Erasure(
            database=database, requests=requests, delete_bytes=media.kept.clean_now, changed=outbox.channel_changed
        ),
        decisions=MessageDecisions(
            log=outbox.get, requests=requests, queued_again=outbox.queued_again, cancelled=outbox.channel_changed
        ),
    )
