from __future__ import annotations

import subprocess
import sys

SELDOM_NEEDED = frozenset({"alembic", "mako", "asyncpg", "sqlalchemy.orm", "sqlalchemy.ext.asyncio", "obstore"})
"""What only a migration, PostgreSQL or a folder of media needs: a sixth of the time and the memory of a start."""

NEVER_NEEDED = frozenset({"httpx", "httpcore", "rich", "pygments", "typer"})
"""There is one HTTP client, aiohttp, and nobody to draw tables for: either costs megabytes."""


def test_a_server_with_a_current_embedded_database_loads_what_it_needs() -> None:
    code = "import sys, facebook_connector.app; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    loaded = set(ended.stdout.split())

    assert "sqlalchemy" in loaded
    assert loaded & (SELDOM_NEEDED | NEVER_NEEDED) == set()
