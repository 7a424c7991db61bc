from __future__ import annotations

import pytest

from tests.unit.facebook_connector.delivery.world import Log, Server


@pytest.fixture
def server() -> Server:
    return Server(Log())
