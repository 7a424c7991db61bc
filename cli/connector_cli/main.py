"""The console script `facebook-connector`: runs a command and turns every expected failure into one line.

Nothing heavy is imported here, nor in a module of this package that `commands` imports at once: `--help` answers
quickly, and a base install without typer still says what is missing. The commands themselves stand in `commands`.
"""

# ruff: noqa: PLC0415 # the base install has this script and not typer
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from connector_cli.failures import Failure, needing

SERVICES: Final = frozenset({"server", "gateway", "bridge"})
"""Commands that run for long, in `services`; they have no options."""


def main() -> None:
    """Runs the command that the arguments name. Exit status: 0 done, 1 failed, 2 not understood."""
    try:
        with needing():
            command = _command(sys.argv[1:])
        command()
    except Failure as failure:
        sys.exit(f"facebook-connector: {failure}")
    except KeyboardInterrupt:
        sys.exit("facebook-connector: interrupted")


def _command(arguments: Sequence[str]) -> Callable[[], object]:
    """A service runs without typer and all other commands: they are 3.5 MB of its process, and 0.08 s of its start."""
    if len(arguments) == 1 and arguments[0] in SERVICES:
        from connector_cli import services

        return {"server": services.server, "gateway": services.gateway, "bridge": services.bridge}[arguments[0]]
    from connector_cli.commands import app

    return app
