from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from facebook_connector.graph import profile
from facebook_connector.graph.client import GraphClient
from facebook_connector.graph.profile import ProfileApi
from messenger_sandbox.app import RunningSandbox, Sandbox
from tests.support.channels import ANA, sandbox_config, sending_channel

CHANNEL = sending_channel()


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    config = sandbox_config(require_proof=True)
    async with Sandbox(config).serve() as sandbox:
        yield sandbox


@pytest.fixture
async def api(facebook: RunningSandbox) -> AsyncIterator[ProfileApi]:
    async with GraphClient(facebook.base_url) as graph:
        yield ProfileApi(graph)


async def test_a_person_is_read_with_token_and_proof(api: ProfileApi) -> None:
    reply = await api.read(CHANNEL, ANA)

    assert reply is not None
    assert reply.ok
    assert reply.body == {"id": ANA, "name": "Ali Raza", "first_name": "Ali", "last_name": "Raza"}


async def test_a_refusal_is_an_answer(api: ProfileApi) -> None:
    reply = await api.read(CHANNEL, "1")

    assert reply is not None
    assert reply.error is not None
    assert (reply.error.code, reply.error.subcode) == (100, 33)


async def test_no_answer_in_time_is_none(
    facebook: RunningSandbox, api: ProfileApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "TIMEOUT_S", 0.05)
    facebook.script_fault("profile_silence")

    assert await api.read(CHANNEL, ANA) is None
