from __future__ import annotations

import grpc

from connector_client._inbound import RECONNECTS


def test_every_status_says_whether_to_come_back() -> None:
    assert set(RECONNECTS) == set(grpc.StatusCode)
