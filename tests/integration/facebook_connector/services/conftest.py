from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from facebook_connector.settings import ServerSettings
from tests.support.inbound_wire import Wire, running_wire


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    """Those of a server whose Facebook is not there."""
    return ServerSettings.load(
        data_dir=tmp_path / "data", listen="127.0.0.1:0", graph_url="http://127.0.0.1:1", profiles=False
    )


@pytest.fixture
async def wire(settings: ServerSettings) -> AsyncIterator[Wire]:
    """A connection to a server of its own."""
    async with running_wire(settings) as running:
        yield running
