"""The console script `facebook-connector`: runs a command and turns every expected failure into one line.

Nothing heavy is imported here, nor in a module of this package that `commands` imports at once: `--help` answers
quickly, and a base install without typer still says what is missing. The commands themselves stand in `commands`.
"""

# ruff: noqa: PLC0415 # the base install has this script and not typer
from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from connector_cli.failures import Failure, needing

if TYPE_CHECKING:
    import typer

SERVICES: Final = frozenset({"server", "gateway", "bridge", "migrate"})
"""Commands that stand in `services.alone`."""


def main() -> None:
    """Runs the command that the arguments name. Exit status: 0 done, 1 failed, 2 not understood."""
    try:
        with needing():
            app = _app(sys.argv[1:])
        app()
    except Failure as failure:
        sys.exit(f"facebook-connector: {failure}")


def _app(arguments: Sequence[str]) -> typer.Typer:
    """All commands; for one that serves only those of its kind: the others are 0.05 s of its start and 2 MiB."""
    if arguments and arguments[0] in SERVICES:
        from connector_cli.services import alone

        return alone
    from connector_cli.commands import app

    return app
