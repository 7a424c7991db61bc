"""`facebook-connector tail`: watches an inbound stream.

It is a consumer like any other: what it holds no other consumer gets. So it takes little, acknowledges nothing unless
it is told to, and gives everything back when it ends.
"""

# ruff: noqa: PLC0415 # grpc is heavy, and `--help` is to answer at once
from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.connecting import connected
from service_runtime.lifecycle import first_of, stop_signals

if TYPE_CHECKING:
    from connector_client import ConnectorClient

HELD = 100
"""Messages that are shown and not acknowledged at one time: each of them stops a conversation for the others."""

LOOKING = (
    "warning: while this runs, consumers of {subscription!r} such as CCM do not get what is shown here. Nothing is"
    " acknowledged: you see the oldest waiting message of each conversation, and all of them go back when this ends."
    " --ack shows what follows, and takes it from CCM for good."
)
TAKING = (
    "warning: every message shown here is acknowledged and thereby taken from the other consumers of"
    " {subscription!r}, such as CCM: they will never get it."
)


class Kind(StrEnum):
    """The kinds of events that a person may choose, named as in the contract."""

    MESSAGE = "message"
    REACTION = "reaction"
    RECEIPT = "receipt"
    CUSTOMER_EVENT = "customer-event"
    PAGE_EVENT = "page-event"
    FOREIGN_ECHO = "foreign-echo"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What to show and what to do with it."""

    subscription: str
    page_ids: tuple[str, ...]
    kinds: tuple[Kind, ...]
    ack: bool
    json: bool
    limit: int | None


def tail(  # noqa: PLR0913 - one for each option
    *,
    subscription: Annotated[str, typer.Option(metavar="NAME", help="The subscription to read.")] = "ccm",
    page: Annotated[list[str] | None, typer.Option(metavar="PAGE_ID", help="Only this page; repeat for more.")] = None,
    kind: Annotated[
        list[Kind] | None,
        typer.Option(metavar="KIND", help=f"Only this kind; repeat for more. One of {', '.join(Kind)}."),
    ] = None,
    ack: Annotated[bool, typer.Option("--ack", help="Acknowledges what it shows: no other consumer gets it.")] = False,
    limit: Annotated[int | None, typer.Option("-n", "--limit", min=1, help="Ends after so many messages.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="JSON, one ReceivedMessage per line, its message as CIM.")
    ] = False,
) -> None:
    """Shows what customers write, as it comes from the inbound stream.

    It competes with CCM: a message that is shown here is not delivered to
    CCM at the same time. Without --ack nothing is acknowledged. You then see
    of each conversation only the oldest message that waits, and when you
    press Ctrl-C everything goes back and CCM gets it. With --ack you see
    everything, and CCM gets none of it: for trials without CCM.

    A line is: time (UTC), page/PSID, kind, content, (id of the message).

    Example: facebook-connector tail --page 104792690000001

    Settings: FBC_SERVER, FBC_TOKEN (role ccm), FBC_SERVER_CA.
    """
    wishes = Wishes(
        subscription=subscription,
        page_ids=tuple(page or ()),
        kinds=tuple(kind or ()),
        ack=ack,
        json=json,
        limit=limit,
    )
    asyncio.run(_watch(wishes))


async def _watch(wishes: Wishes) -> None:
    with stop_signals() as stop:
        await first_of(_follow(wishes), stop.wait())


async def _follow(wishes: Wishes) -> None:
    async with connected("tail") as client:
        typer.echo((TAKING if wishes.ack else LOOKING).format(subscription=wishes.subscription), err=True)
        await _show(client, wishes)


async def _show(client: ConnectorClient, wishes: Wishes) -> None:
    from connector_cli.message_lines import json_line, message_line
    from connector_client import EventKind, Window

    stream = client.inbound(
        wishes.subscription,
        page_ids=wishes.page_ids,
        kinds=[EventKind[kind.name] for kind in wishes.kinds],
        window=Window(max_messages=HELD),
    )
    shown = 0
    async with aclosing(stream) as messages:
        async for received in messages:
            typer.echo(json_line(received) if wishes.json else message_line(received))
            shown += 1
            if wishes.ack:
                received.ack()
            elif shown == HELD:
                typer.echo(f"{HELD} messages are held; no more are shown until this ends", err=True)
            if shown == wishes.limit:
                return
