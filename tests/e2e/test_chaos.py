"""The crash suite in its short form, and the proof that it notices what it is there to notice.

`scripts/chaos` is the long form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from secrets import randbelow

import pytest

from tests.support.chaos.command import SEEDS
from tests.support.chaos.databases import on_postgresql, on_sqlite
from tests.support.chaos.figures import complaints
from tests.support.chaos.fleet import Programs
from tests.support.chaos.oracle import Broken
from tests.support.chaos.run import Outcome, Plan, run
from tests.support.chaos.sabotage import program

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

KILLS = 6

KILLS_UNTIL_FOUND = 50
"""More than it takes until a broken promise is seen."""

SERVER_FIRST = 38
"""Under this seed the first that are killed are servers."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    if engine == "sqlite":
        return on_sqlite()
    return on_postgresql(request.getfixturevalue("postgresql_url"), tmp_path)


async def test_whatever_is_killed_nothing_is_lost_and_nothing_overtakes(
    engine: str, database: Mapping[str, str], tmp_path: Path
) -> None:
    seed = randbelow(SEEDS)
    plan = Plan(engine=engine, database=database, kills=KILLS, seed=seed, folder=tmp_path, blind=0.0)
    outcome = await run(plan, print)

    assert complaints(outcome) == [], f"seed {seed}, logs and journal in {tmp_path}"
    assert outcome.verdict.redeliveries > 0


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("no-deduplication", Broken.UNEXPLAINED_DUPLICATE),
        ("no-fencing", Broken.STALE_ACK_TAKEN),
        ("no-ack-check", Broken.ACK_TAKEN_TWICE),
    ],
)
async def test_a_server_that_breaks_a_promise_is_found_out(name: str, broken: Broken, tmp_path: Path) -> None:
    outcome = await sabotaged(tmp_path, Programs(server=program(name)), kills=KILLS_UNTIL_FOUND, until=broken)

    assert outcome.verdict.count(broken) > 0, complaints(outcome)
    assert complaints(outcome)


async def test_a_gateway_that_answers_before_the_commit_is_found_out(tmp_path: Path) -> None:
    outcome = await sabotaged(tmp_path, Programs(gateway=program("early-answer")), kills=2)

    assert outcome.verdict.count(Broken.LOST) > 0, complaints(outcome)


async def sabotaged(folder: Path, programs: Programs, *, kills: int, until: Broken | None = None) -> Outcome:
    plan = Plan(
        engine="sqlite",
        database=on_sqlite(),
        kills=kills,
        seed=SERVER_FIRST,
        folder=folder,
        programs=programs,
        until=until,
    )
    return await run(plan, print)
