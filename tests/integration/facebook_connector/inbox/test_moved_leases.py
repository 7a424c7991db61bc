"""A client moves from one server to another with what it holds; both servers work on one PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from pydantic import SecretStr

from facebook_connector.channels.seal import Keyring
from facebook_connector.settings import ServerSettings
from tests.support.inbound_wire import OK, running_wire

DEADLINE_S = 10


async def test_the_deadline_on_the_server_that_a_client_has_left_says_nothing(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = ServerSettings.load(
        listen="127.0.0.1:0",
        database_url=SecretStr(postgresql_url),
        secret_keys=SecretStr(Keyring.generate().text()),
    )
    async with running_wire(settings) as left, running_wire(settings, new=False) as right:
        await left.texts("m_1")
        async with left.stream("ccm-1", ack_deadline=Duration(seconds=DEADLINE_S)) as older:
            delivered = await older.message()
        async with right.stream("ccm-1", held_ack_ids=[delivered.ack_id]) as newer, left.stream("ccm-2") as other:
            # Each is a round of the dispatcher: one gives back what is over, the next would deliver it.
            for seconds in (DEADLINE_S, 1, 1):
                await other.after(seconds)
            await other.nothing_before_pong()
            await newer.ack(delivered)
            assert await newer.results() == {delivered.ack_id: OK}
