"""`scripts/chaos`: the crash suite in its long form."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from tests.support.chaos.databases import FRESH
from tests.support.chaos.figures import Figures, as_json, complaints
from tests.support.chaos.run import JOURNAL, Outcome, Plan, run

FOLDER_PREFIX = "fbc-chaos-"

SEEDS = 1_000_000


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
    kills: Annotated[int, typer.Option(min=1, help="How many processes are killed on each engine.")] = 200,
    engine: Annotated[
        Engine, typer.Option(help="SQLite: one server and gateway. PostgreSQL: two of each on one database.")
    ] = Engine.BOTH,
    seed: Annotated[
        int | None, typer.Option(help="Decides who says, does and suffers what, not exactly when. Default: a new one.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Writes the figures and every violation there as JSON.")
    ] = None,
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

    Example: scripts/chaos --kills 20 --engine sqlite --seed 7
    """
    chosen = random.randrange(SEEDS) if seed is None else seed
    typer.echo(f"chaos: seed {chosen}")
    outcomes = [_on(name, kills, chosen) for name in engine.names]
    if json_file is not None:
        json_file.write_text(json.dumps([as_json(outcome) for outcome in outcomes], indent=2) + "\n")
    for outcome in outcomes:
        typer.echo(str(Figures.of(outcome)))
    if any(complaints(outcome) for outcome in outcomes):
        raise typer.Exit(1)


def _on(engine: str, kills: int, seed: int) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    typer.echo(f"{engine}: logs are written to {folder}")
    with FRESH[engine](folder) as database:
        plan = Plan(engine=engine, database=database, kills=kills, seed=seed, folder=folder)
        outcome = asyncio.run(run(plan, typer.echo))
    found = complaints(outcome)
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
