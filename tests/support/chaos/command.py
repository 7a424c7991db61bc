"""`scripts/chaos`: the crash suite in its long form."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from tests.support.chaos.databases import FRESH
from tests.support.chaos.figures import Figures, as_json, complaints
from tests.support.chaos.outbound import OutboundPlan, run_outbound
from tests.support.chaos.run import JOURNAL, Plan, run

FOLDER_PREFIX = "fbc-chaos-"

SEEDS = 1_000_000

KILLS = 200
KILLS_OUTBOUND = 20
CONVERSATIONS_OUTBOUND = 200
REPLIES_OF_EACH = 10


class Engine(Enum):
    """What `--engine` takes."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    BOTH = "both"

    @property
    def names(self) -> tuple[str, ...]:
        """The engines to run on, one after the other."""
        return tuple(FRESH) if self is Engine.BOTH else (self.value,)


def chaos(
    kills: Annotated[
        int | None, typer.Option(min=1, help="How many processes are killed on each engine. Default: 200, outbound 20.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="SQLite: one server and gateway. PostgreSQL: two of each on one database.")
    ] = Engine.BOTH,
    seed: Annotated[
        int | None, typer.Option(help="Decides who says, does and suffers what, not exactly when. Default: a new one.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Writes the figures and every violation there as JSON.")
    ] = None,
    *,
    outbound: Annotated[bool, typer.Option("--outbound", help="Replies to customers instead, see below.")] = False,
) -> None:
    """Kills gateway, server and CCM with SIGKILL while customers write, and looks what became of it.

    Real processes on loopback. Customers write numbered messages in many
    conversations through signed webhooks, which Facebook repeats until each
    has its 200, and sometimes after. Two or three consumers acknowledge, give
    back, stall past the deadline, acknowledge too late and twice, and drop
    their streams. Meanwhile one process after the other is killed and started
    again, at moments at which it has work.

    Nobody kills those who write down what got a 200, what was delivered at
    which attempt, and which acknowledgement was answered how. By that the run
    is judged: every message that got a 200 is acknowledged in the end (lost),
    none comes before its predecessor is done or after its successor (out of
    order), and one that comes again has the same id, a higher attempt and a
    reason (unexplained duplicate).

    Takes 2 to 4 s for each kill, and prints how far it is. Ends with one line
    of figures for each engine. Status 1 after any violation, if a run did not
    come to its end, or if less than 80 % of the kills hit work in flight; then
    it names the folder with the logs and the journal.

    With --outbound 2 000 replies go to 200 customers, a fifth of Facebook's
    answers is an error, lost, or late, and the server is killed. By what the
    sandbox wrote down each customer has to see each reply once and in order,
    and the final state of each reply has to say so.

    Example: scripts/chaos --kills 20 --engine sqlite --seed 7
    """
    chosen = random.randrange(SEEDS) if seed is None else seed
    typer.echo(f"chaos: seed {chosen}")
    judged = [(_replies_on if outbound else _on)(name, kills, chosen) for name in engine.names]
    if json_file is not None:
        json_file.write_text(json.dumps([one.told for one in judged], indent=2) + "\n")
    for one in judged:
        typer.echo(one.line)
    if any(one.complaints for one in judged):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a run on one engine came down to."""

    line: str
    told: Mapping[str, Any]
    complaints: Sequence[str]


def _on(engine: str, kills: int | None, seed: int) -> Judged:
    def judged(database: Mapping[str, str], folder: Path) -> Judged:
        plan = Plan(engine=engine, database=database, kills=kills or KILLS, seed=seed, folder=folder)
        outcome = asyncio.run(run(plan, typer.echo))
        return Judged(line=str(Figures.of(outcome)), told=as_json(outcome), complaints=complaints(outcome))

    return _in_folder(engine, judged)


def _replies_on(engine: str, kills: int | None, seed: int) -> Judged:
    def judged(database: Mapping[str, str], folder: Path) -> Judged:
        plan = OutboundPlan(
            engine=engine,
            database=database,
            kills=kills or KILLS_OUTBOUND,
            conversations=CONVERSATIONS_OUTBOUND,
            each=REPLIES_OF_EACH,
            seed=seed,
            folder=folder,
        )
        outcome = asyncio.run(run_outbound(plan, typer.echo))
        return Judged(line=str(outcome), told=outcome.as_json(), complaints=outcome.complaints())

    return _in_folder(engine, judged)


def _in_folder(engine: str, judged: Callable[[Mapping[str, str], Path], Judged]) -> Judged:
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    typer.echo(f"{engine}: logs are written to {folder}")
    with FRESH[engine](folder) as database:
        outcome = judged(database, folder)
    found = outcome.complaints
    for complaint in found:
        typer.echo(f"{engine}: {complaint}", err=True)
    if found:
        typer.echo(f"{engine}: the logs and {JOURNAL} are kept in {folder}", err=True)
    else:
        shutil.rmtree(folder)
    return outcome


app = typer.Typer(add_completion=False)
app.command()(chaos)

if __name__ == "__main__":
    app(prog_name="scripts/chaos")
