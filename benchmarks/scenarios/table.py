"""All scenarios, in the order in which they run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from benchmarks.bench import Bench
from benchmarks.report.rows import Findings
from benchmarks.scenarios.backlog import backlog
from benchmarks.scenarios.end_to_end import end_to_end
from benchmarks.scenarios.ingest import ingest
from benchmarks.scenarios.latency import latency
from benchmarks.scenarios.memory import memory
from benchmarks.scenarios.micro import micro
from benchmarks.scenarios.postgresql import postgresql
from benchmarks.scenarios.send import send
from benchmarks.scenarios.start import start


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of them."""

    what: str
    """For `--help`."""
    run: Callable[[Bench], Awaitable[Findings]]


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "ingest": Scenario("webhooks to their 200, beside bare Starlette and others", ingest),
        "end-to-end": Scenario("webhooks until CCM acknowledges, beside those to their 200", end_to_end),
        "latency": Scenario("webhook to CCM at 500/s, beside the same without a disk", latency),
        "send": Scenario("SendMessage, beside bare httpx and bare grpc.aio", send),
        "postgresql": Scenario("all these rates on PostgreSQL, beside SQLite", postgresql),
        "backlog": Scenario("events that wait when a server starts: 10 000, and 1 000 000", backlog),
        "memory": Scenario("gateway and server, idle and under load", memory),
        "start": Scenario("from a start to the first 200", start),
        "micro": Scenario("translation, rendering, codec, transactions, one by one", micro),
    }
)
