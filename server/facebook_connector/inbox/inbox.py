"""The inbox as the services see it: take events in, open streams, drain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from facebook_connector.delivery.endings import draining_error, not_found_error
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.tally import Tally
from facebook_connector.delivery.values import Subscription
from facebook_connector.inbox.dispatcher import Dispatcher, DispatcherContext
from facebook_connector.inbox.ingest import Ingest, Told
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.store.log.events import EventStore
from service_runtime.lifecycle import Tasks


class Inbox:
    """All subscriptions on this server. Dispatchers are made on first use and run in `tasks`.

    `media_wanted` is called when something was stored whose bytes are to be fetched, `profiles_wanted` when it is by
    somebody whose profile is to be asked for.
    """

    def __init__(
        self,
        events: EventStore,
        context: DispatcherContext,
        tasks: Tasks,
        media_wanted: Callable[[], None] = lambda: None,
        profiles_wanted: Callable[[], None] = lambda: None,
    ) -> None:
        told = Told(ready=self.announce, media_wanted=media_wanted, profiles_wanted=profiles_wanted)
        self.ingest = Ingest(events, context.clock, told, context.metrics)
        self._context = context
        self._tasks = tasks
        self._dispatchers: dict[int, Dispatcher] = {}
        self._draining = asyncio.Event()

    async def subscription(self, name: str) -> Subscription:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND, or SERVER_DRAINING while the server stops."""
        if self._draining.is_set():
            raise draining_error()
        found = await self._context.cursors.subscription(name)
        if found is None:
            raise not_found_error(name)
        return found

    def open_stream(self, subscription: Subscription, options: StreamOptions, peer: str = "") -> InboundStream:
        """Opens a stream. The caller's task is the call that it belongs to, and must close it.

        Raises `ConnectorError` SERVER_DRAINING: the server may have begun to stop since `subscription` was asked.
        """
        if self._draining.is_set():
            raise draining_error()
        return self._dispatcher(subscription).open(options, peer)

    def call(self, subscription: Subscription, options: StreamOptions) -> InboundStream:
        """Begins a unary call, as `open_stream` a stream."""
        if self._draining.is_set():
            raise draining_error()
        return self._dispatcher(subscription).call(options)

    async def draining(self) -> None:
        """Returns never while the server works; raises `ConnectorError` SERVER_DRAINING once it stops."""
        await self._draining.wait()
        raise draining_error()

    async def drain(self, grace_s: float) -> None:
        """Ends all streams in order and waits, at most `grace_s`, until what clients answered is committed."""
        self._draining.set()
        for dispatcher in self._dispatchers.values():
            dispatcher.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await asyncio.gather(*(dispatcher.until_idle() for dispatcher in self._dispatchers.values()))

    def look(self) -> None:
        """Something changed that nobody announced, in the store or in the clock: every dispatcher looks again."""
        self.announce(self._dispatchers)

    def announce(self, subscription_ids: Collection[int]) -> None:
        """These subscriptions have something to deliver that was committed just now."""
        for subscription_id in subscription_ids:
            if (dispatcher := self._dispatchers.get(subscription_id)) is not None:
                dispatcher.ready()

    def figures(self) -> list[tuple[Subscription, int, Tally]]:
        """Each subscription that was read on this server, with its open streams and what was delivered of it."""
        return [(dispatcher.subscription, *dispatcher.figures) for dispatcher in self._dispatchers.values()]

    def streams(self, subscription_id: int) -> list[InboundStream]:
        """The open streams of a subscription on this server."""
        dispatcher = self._dispatchers.get(subscription_id)
        return [] if dispatcher is None else dispatcher.streams

    def opened_elsewhere(self, subscription_id: int, client_id: str, generation: int) -> None:
        """A client has opened a stream on another server; `generation` tells which of its streams is newer."""
        if (dispatcher := self._dispatchers.get(subscription_id)) is not None:
            dispatcher.opened_elsewhere(client_id, generation)

    def deleted(self, subscription_id: int) -> None:
        """The subscription was deleted: its streams end."""
        if (dispatcher := self._dispatchers.pop(subscription_id, None)) is not None:
            dispatcher.delete()

    def _dispatcher(self, subscription: Subscription) -> Dispatcher:
        number = subscription.subscription_id
        if number not in self._dispatchers:
            dispatcher = self._dispatchers[number] = Dispatcher(subscription, self._context)
            task = self._tasks.start(f"dispatcher {subscription.name}", dispatcher.run())
            # It ends when the subscription is deleted, on whichever server.
            task.add_done_callback(lambda _: self._forget(dispatcher))
        return self._dispatchers[number]

    def _forget(self, dispatcher: Dispatcher) -> None:
        number = dispatcher.subscription.subscription_id
        if self._dispatchers.get(number) is dispatcher:
            del self._dispatchers[number]
