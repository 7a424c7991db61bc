from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load.backlog import PER_CONVERSATION
from benchmarks.scenarios import transactions as module
from benchmarks.scenarios.transactions import HEADS, NothingLeftError, transactions


async def test_a_step_finds_as_much_to_do_as_it_says_until_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING", HEADS * PER_CONVERSATION)
    async with transactions(tmp_path) as steps:
        for _ in range(3):
            await steps[f"claims {HEADS} messages"]()
        for _ in range(PER_CONVERSATION):
            await steps[f"acknowledges {HEADS} messages, claims the next"]()
        with pytest.raises(NothingLeftError):
            await steps[f"acknowledges {HEADS} messages, claims the next"]()
