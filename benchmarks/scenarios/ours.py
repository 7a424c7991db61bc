"""Load on our own side, as several scenarios need it."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.bench import Bench
from benchmarks.connectors import backlog_of, process_ids
from benchmarks.load.generator import Generator
from benchmarks.load.prepared import Webhooks
from benchmarks.load.runs import Acknowledged, Taken
from tests.support.processes import Connector

ROUND_TRIPS = 300
"""A conversation has one message out at a time. So many a second are sent to each, lest the rest take for ever."""


def spelled(conversations: int) -> str:
    """As it stands in the table."""
    return (
        "1 conversation"
        if conversations == 1
        else f"{conversations:,} conversations".replace(",", "\N{NARROW NO-BREAK SPACE}")
    )


class LostError(Exception):
    """A webhook got its 200 and is not there."""


def taken(bench: Bench, connector: Connector, *, conversations: int, each: int = 1) -> Taken:
    """Events that get their 200."""
    webhooks = Webhooks(conversations=conversations, each=each)
    generator = Generator(url=connector.webhook_url, webhooks=webhooks, folder=bench.folder)
    return Taken(generator=generator, seconds=bench.extent.run_s, processes=process_ids(connector))


def acknowledged(bench: Bench, connector: Connector, *, conversations: int) -> Acknowledged:
    """Events that CCM has acknowledged."""
    generator = Generator(
        url=connector.webhook_url,
        webhooks=Webhooks(conversations=conversations),
        folder=bench.folder,
        most_per_s=conversations * ROUND_TRIPS,
    )
    return Acknowledged(
        generator=generator,
        seconds=bench.extent.run_s,
        processes=process_ids(connector),
        server=connector.server_address,
    )


async def all_there(connector: Connector, runs: Iterable[Taken]) -> None:
    """Raises LostError unless all that got a 200 is stored; what had no answer at the end of a run may be, too."""
    answered = sum(run.generator.answered * run.generator.webhooks.each for run in runs)
    stored = await backlog_of(connector.server_address)
    if stored < answered:
        raise LostError(f"{answered} events got a 200, {stored} are stored")
