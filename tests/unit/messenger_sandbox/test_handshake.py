from __future__ import annotations

import pytest

from messenger_sandbox import EntryKind, Filter
from messenger_sandbox.state import SandboxState
from tests.support.webhook_receiver import WebhookReceiver


async def test_a_callback_that_returns_the_challenge_is_verified(
    receiver: WebhookReceiver, state: SandboxState
) -> None:
    result = await state.handshake()
    assert (result.verified, result.status) == (True, 200)


async def test_a_verified_callback_becomes_the_apps_own(receiver: WebhookReceiver, state: SandboxState) -> None:
    state.world.change_app(callback_url=None)
    await state.handshake(receiver.url)
    assert state.world.app.callback_url == receiver.url


async def test_a_wrong_verify_token_is_not_verified(receiver: WebhookReceiver, state: SandboxState) -> None:
    state.world.change_app(callback_url=None)
    result = await state.handshake(receiver.url, verify_token="wrong")
    assert (result.verified, result.status) == (False, 403)
    assert state.world.app.callback_url is None


@pytest.mark.parametrize("suffix", ["\n", " ", "0"])
async def test_anything_beside_the_challenge_spoils_it(
    receiver: WebhookReceiver, state: SandboxState, suffix: str
) -> None:
    receiver.challenge_suffix = suffix
    result = await state.handshake()
    assert (result.verified, result.status) == (False, 200)


async def test_a_callback_that_is_down_is_not_verified(state: SandboxState) -> None:
    result = await state.handshake("http://127.0.0.1:9/webhook")
    assert (result.verified, result.status) == (False, None)


async def test_without_any_url_there_is_nothing_to_verify(state: SandboxState) -> None:
    with pytest.raises(ValueError, match="no callback"):
        await state.handshake()


async def test_the_journal_tells_how_it_went(receiver: WebhookReceiver, state: SandboxState) -> None:
    await state.handshake(verify_token="wrong")
    [entry] = state.journal.entries(Filter(kind=EntryKind.HANDSHAKE))
    assert dict(entry.details) == {"verified": False, "status": 403}
