from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.baselines.processes import Baseline, running_starlette
from benchmarks.load import generator as generators
from benchmarks.load.generator import Generator, RefusedError
from benchmarks.load.prepared import Webhooks


@pytest.fixture(params=["wrk", "our own"])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "our own":
        monkeypatch.setattr(generators, "wrk", lambda: None)
    elif generators.wrk() is None:
        pytest.skip("wrk is not installed")


@pytest.fixture
async def starlette(tmp_path: Path) -> AsyncIterator[Baseline]:
    async with running_starlette(tmp_path) as running:
        yield running


def generator_of(url: str, folder: Path, *, most_per_s: float) -> Generator:
    return Generator(url=url, webhooks=Webhooks(conversations=4), folder=folder, most_per_s=most_per_s)


@pytest.mark.usefixtures("program")
async def test_each_webhook_is_sent_once_and_counted(starlette: Baseline, tmp_path: Path) -> None:
    generator = generator_of(starlette.webhook_url, tmp_path, most_per_s=200)
    await generator.prepare(1)

    result = await generator.send(1)

    prepared = 200 + generator.connections
    assert prepared - generator.connections <= result.answered <= prepared
    assert generator.answered == result.answered
    assert generator.ran_out(result)
    assert result.cpu_s > 0
    assert result.seconds > 0


@pytest.mark.usefixtures("program")
async def test_an_answer_other_than_200_ends_it(starlette: Baseline, tmp_path: Path) -> None:
    generator = generator_of(f"http://{starlette.address}/nowhere", tmp_path, most_per_s=50)
    await generator.prepare(1)

    with pytest.raises(RefusedError, match="0 webhooks got a 200"):
        await generator.send(1)
