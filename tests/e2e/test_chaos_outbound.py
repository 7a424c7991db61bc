"""The outbound crash run in its short form, and the proof that it notices what it is there to notice.

`scripts/chaos --outbound` is the long form.
"""

from __future__ import annotations

from pathlib import Path
from secrets import randbelow

import pytest

from tests.support.chaos.command import SEEDS
from tests.support.chaos.databases import on_sqlite
from tests.support.chaos.fleet import Programs
from tests.support.chaos.outbound import OutboundOutcome, OutboundPlan, run_outbound
from tests.support.chaos.sabotage import program
from tests.support.chaos.seen import Wrong

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def outbound(folder: Path, name: str, seed: int, *, kills: int, until: Wrong | None = None) -> OutboundOutcome:
    plan = OutboundPlan(
        engine="sqlite",
        database=on_sqlite(),
        kills=kills,
        conversations=20,
        each=5 if until is None else 40,
        seed=seed,
        folder=folder,
        programs=Programs(server=program(name)),
        until=until,
    )
    return await run_outbound(plan, print)


async def test_whatever_fails_and_is_killed_each_customer_sees_each_reply_once_and_in_order(tmp_path: Path) -> None:
    seed = randbelow(SEEDS)
    outcome = await outbound(tmp_path, "hasty", seed, kills=3)

    assert outcome.complaints() == [], f"{outcome}; logs and journal in {tmp_path}"
    assert outcome.injected > 0


async def test_a_server_that_sends_blindly_again_is_found_out(tmp_path: Path) -> None:
    outcome = await outbound(tmp_path, "blind-resend", 5, kills=20, until=Wrong.SEEN_TWICE)

    assert outcome.count(Wrong.SEEN_TWICE) > 0, str(outcome)
    assert outcome.complaints()
