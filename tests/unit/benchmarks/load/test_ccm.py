from __future__ import annotations

import asyncio

from benchmarks.load.ccm import Tally


async def test_the_moment_of_a_number_is_that_of_the_frame_which_reached_it() -> None:
    tally = Tally()
    tally.add(2)
    tally.add(3)

    assert [await tally.moment_of(count) for count in (1, 2, 3, 5)] == [
        tally.moments[0],
        tally.moments[0],
        tally.moments[1],
        tally.moments[1],
    ]


async def test_a_number_that_is_not_reached_is_waited_for() -> None:
    tally = Tally()
    tally.add(1)
    waiting = asyncio.create_task(tally.moment_of(2))
    await asyncio.sleep(0)
    assert not waiting.done()

    tally.add(1)

    assert await waiting == tally.moments[1]


async def test_counting_begins_anew_at_a_nought() -> None:
    tally = Tally()
    tally.add(5)

    await tally.moment_of(0)
    tally.add(1)

    assert tally.counts == [1]
