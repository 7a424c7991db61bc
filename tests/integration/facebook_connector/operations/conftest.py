from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.operators import Operators, running_operators


@pytest.fixture
async def operators(tmp_path: Path, database_url: str) -> AsyncIterator[Operators]:
    async with running_operators(tmp_path / "data", database_url) as running:
        yield running
