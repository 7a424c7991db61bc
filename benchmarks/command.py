"""`scripts/bench`: what can be typed."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.bench import Bench
from benchmarks.extent import FULL, MILLION, QUICK
from benchmarks.machine import this_machine
from benchmarks.profiler import Profiler
from benchmarks.report.as_json import as_json
from benchmarks.report.markdown import report
from benchmarks.report.rows import Findings
from benchmarks.scenarios.table import SCENARIOS

FOLDER_PREFIX = "fbc-bench-"


def _known(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        if name not in SCENARIOS:
            raise typer.BadParameter(f"{name} is none of {', '.join(SCENARIOS)}")
    return names


def bench(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Short runs, once each: shows that all works, its figures say little.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Writes all figures there as JSON, too.")
    ] = None,
    million: Annotated[
        bool, typer.Option("--million", help="The backlog with 1 000 000 events, too; takes some minutes more.")
    ] = False,
    profile: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Writes there where time goes, as text; by py-spy, which must be installed."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SCENARIO", callback=_known, help="Only this scenario; repeat for more.  default: all"),
    ] = None,
) -> None:
    # As installed, the product has its bytecode beside it. Where Python may not write any, each process compiles anew
    # at its start, which takes 0.4 s more.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    extent = QUICK if quick else FULL
    if million:
        extent = replace(extent, backlogs=(*extent.backlogs, MILLION))
    profiler = None if profile is None else _profiler(profile)
    with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX) as folder:
        machine = this_machine(Path(folder))
        findings = asyncio.run(
            _measured(only or list(SCENARIOS), Bench(extent=extent, folder=Path(folder), tell=_tell, profiler=profiler))
        )
    if json_file is not None:
        json_file.write_text(as_json(machine, findings))
    typer.echo(report(machine, findings), nl=False)
    if findings.failures:
        raise typer.Exit(1)


bench.__doc__ = f"""Measures the product beside others, in one run on this machine.

    Real processes on loopback, on databases that are thrown away: gateway and
    server as they are released, and baselines that keep nothing. All that is
    compared takes turns, and medians are compared, so that what else the
    machine does meets all of them. Prints one table as Markdown: our figure,
    the baseline's, their ratio, the goal, and whether it is met; then how many
    cores each process kept busy, which tells what limits. How far it is goes
    to standard error.

    Webhooks are sent by wrk if it is installed (Debian package wrk), else by
    a slower generator of our own. Bottender and Botkit are installed by npm
    into a temporary folder, if Node is there. Databases are made under TMPDIR:
    let it be on a disk.

    A full run takes about a quarter of an hour, a quick one about a minute.
    Status 1 if a scenario did not come to its end or lost anything; a missed
    goal is none.

    \b
    Scenarios:
{"".join(f"      {name:<12}{scenario.what}{chr(10)}" for name, scenario in SCENARIOS.items())}
    Example: scripts/bench --only ingest --only send --json found.json
    """


async def _measured(names: list[str], bench: Bench) -> Findings:
    findings = Findings()
    for name in names:
        _tell(f"{name} begins, load {os.getloadavg()[0]:.1f}")
        begun, folder = time.monotonic(), bench.folder / name
        folder.mkdir()
        try:
            findings.extend(await SCENARIOS[name].run(replace(bench, folder=folder)))
        except Exception as error:  # noqa: BLE001 - the top loop: one that fails leaves the others' figures alone
            traceback.print_exc()
            findings.failures.append(f"**{name} failed**: {type(error).__name__}: {error}")
        _tell(f"{name} took {time.monotonic() - begun:.0f} s")
    return findings


def _profiler(folder: Path) -> Profiler:
    py_spy = shutil.which("py-spy")
    if py_spy is None:
        raise typer.BadParameter("py-spy is not installed: pip install py-spy", param_hint="--profile")
    folder.mkdir(parents=True, exist_ok=True)
    return Profiler(py_spy, folder.absolute())


def _tell(line: str) -> None:
    typer.echo(f"bench: {line}", err=True)


app = typer.Typer(add_completion=False)
app.command()(bench)

if __name__ == "__main__":
    app(prog_name="scripts/bench")
