"""Gives the server's channels the settings that CCM holds: reads a channel, plans the change, makes the call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ccm_bridge.configuration.attributes import Configuration
from ccm_bridge.configuration.planning import Call, Plan, Policy, plan
from ccm_bridge.configuration.readings import Fate
from ccm_bridge.turns import Turns
from connector_client import Connection, ConnectorError
from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_STOPPED, Channel
from expertflow.connector.v1.channel_service_pb2 import (
    CreateChannelRequest,
    GetChannelRequest,
    ListChannelsRequest,
)
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from service_runtime.logs import get_logger

if TYPE_CHECKING:
    # Known to type checkers only.
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub

CALL_TIMEOUT_S: Final = 5.0
"""CCM waits on the other end; the server answers such calls within milliseconds."""

TRIES: Final = 3
"""An operator, or another push, may create or delete the channel between our look and our call."""

OVERTAKEN: Final = frozenset({"CHANNEL_EXISTS", "CHANNEL_NOT_FOUND"})

CHANNELS_AT_ONCE: Final = 1000

_log = get_logger("bridge.configuration")


class OutdatedError(Exception):
    """Other settings of the page were given here since these were asked for."""


class Change(StrEnum):
    """What was done to a channel."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the settings of one channel."""

    plan: Plan
    change: Change
    channel: Channel | None
    """As it is now; None: there is none."""
    resumed: bool
    """Whether this set a stopped channel going."""


class ConfiguredChannels:
    """The server's channels, as the configurations of CCM make them."""

    def __init__(self, connection: Connection, *, allow_unsigned: bool) -> None:
        self._connection = connection
        self._stub: ChannelServiceAsyncStub = ChannelServiceStub(connection.channel)
        self._allow_unsigned = allow_unsigned
        self._turns = Turns()
        self._given: Counter[str] = Counter()

    def given(self, page_id: str) -> int:
        """How often settings of the page were given here."""
        return self._given[page_id]

    async def apply(self, configuration: Configuration, *, tenant_id: str = "", as_of: int | None = None) -> Outcome:
        """Makes the channel what CCM says, in the name of a tenant if CCM named one. Raises `ConnectorError`.

        `as_of` is what `given` said when CCM was asked; raises `OutdatedError` if it says another number now, because
        what CCM has told since is newer.
        """
        page_id = configuration.page_id
        async with self._turns.of(page_id):
            if as_of is not None and as_of != self._given[page_id]:
                raise OutdatedError
            self._given[page_id] += 1
            return await self._applied(configuration, tenant_id)

    async def _applied(self, configuration: Configuration, tenant_id: str) -> Outcome:
        policy = Policy(allow_unsigned=self._allow_unsigned, tenant_id=tenant_id)
        for last in (*[False] * (TRIES - 1), True):
            present = await self.find(configuration.page_id)
            planned = plan(configuration, present, policy)
            try:
                outcome = await self._carried_out(planned, present)
            except ConnectorError as error:
                if last or error.reason not in OVERTAKEN:
                    raise
            else:
                _tell(outcome)
                return outcome
        raise AssertionError("unreachable: the last try returns or raises")

    async def find(self, page_id: str) -> Channel | None:
        """The channel of a page, if there is one. Raises `ConnectorError`."""
        try:
            request = GetChannelRequest(page_id=page_id)
            return (await self._connection.call(self._stub.GetChannel, request, timeout=CALL_TIMEOUT_S)).channel
        except ConnectorError as error:
            if error.reason == "CHANNEL_NOT_FOUND":
                return None
            raise

    async def all(self) -> list[Channel]:
        """All channels. Raises `ConnectorError`."""
        found: list[Channel] = []
        request = ListChannelsRequest(page_size=CHANNELS_AT_ONCE)
        while True:
            part = await self._connection.call(self._stub.ListChannels, request, timeout=CALL_TIMEOUT_S)
            found.extend(part.channels)
            if not part.next_page_token:
                return found
            request.page_token = part.next_page_token

    async def _carried_out(self, planned: Plan, present: Channel | None) -> Outcome:
        if planned.call is None:
            return Outcome(plan=planned, change=Change.UNCHANGED, channel=present, resumed=False)
        channel = await self._called(planned.call)
        stopped = present is not None and present.state == CHANNEL_STATE_STOPPED
        return Outcome(
            plan=planned,
            change=Change.CREATED if present is None else Change.UPDATED,
            channel=channel,
            resumed=stopped and channel.state != CHANNEL_STATE_STOPPED,
        )

    async def _called(self, call: Call) -> Channel:
        if isinstance(call, CreateChannelRequest):
            return (await self._connection.call(self._stub.CreateChannel, call, timeout=CALL_TIMEOUT_S)).channel
        return (await self._connection.call(self._stub.UpdateChannel, call, timeout=CALL_TIMEOUT_S)).channel


def keys_of(outcome: Outcome, fate: Fate) -> list[str]:
    """The keys of the attributes that had one fate."""
    return [verdict.key for verdict in outcome.plan.verdicts if verdict.reading.fate is fate]


def _tell(outcome: Outcome) -> None:
    _log.info(
        "settings of CCM taken",
        page_id=outcome.plan.page_id,
        change=outcome.change.value,
        resumed=outcome.resumed,
        **{fate.value: keys_of(outcome, fate) for fate in Fate},
    )
    for lack in outcome.plan.to_do:
        _log.warning("channel is incomplete", page_id=outcome.plan.page_id, to_do=lack)
