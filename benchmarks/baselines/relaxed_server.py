"""Our server with `synchronous=OFF`: what it would be if nothing had to survive a power cut.

    python -m benchmarks.baselines.relaxed_server

The product has no such setting, and is to have none; the same settings as those of `facebook-connector server` apply.
"""

from __future__ import annotations

from facebook_connector.app import run
from facebook_connector.settings import ServerSettings
from facebook_connector.store.engines import sqlite

FULL = "synchronous = FULL"


def main() -> None:
    """Serves until it is told to stop."""
    assert FULL in sqlite.PRAGMAS
    pragmas = tuple("synchronous = OFF" if pragma == FULL else pragma for pragma in sqlite.PRAGMAS)
    sqlite.PRAGMAS = pragmas  # type: ignore[assignment] # of the same length
    run(ServerSettings.load())


if __name__ == "__main__":
    main()
