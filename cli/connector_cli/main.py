"""The console script `facebook-connector`: runs a command and turns every expected failure into one line.

Nothing heavy is imported here, nor in a module of this package that `commands` imports at once: `--help` answers
quickly, and a base install without typer still says what is missing. The commands themselves stand in `commands`.
"""

# ruff: noqa: PLC0415 # the base install has this script and not typer
from __future__ import annotations

import sys

from connector_cli.failures import Failure, needing


def main() -> None:
    """Runs the command that the arguments name. Exit status: 0 done, 1 failed, 2 not understood."""
    try:
        with needing():
            from connector_cli.commands import app
        app()
    except Failure as failure:
        sys.exit(f"facebook-connector: {failure}")
