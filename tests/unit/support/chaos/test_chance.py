from __future__ import annotations

from collections import Counter

from tests.support.chaos.chance import Chance

SAMPLES = 20_000


def test_a_name_has_one_number_under_a_seed_and_another_under_the_next() -> None:
    assert Chance(7).number("act", (1, 2), 3) == Chance(7).number("act", (1, 2), 3)
    assert Chance(7).number("act", 1) != Chance(8).number("act", 1)
    assert Chance(7).number("act", 1) != Chance(7).number("act", 2)


def test_numbers_fill_their_range() -> None:
    drawn = [Chance(1).between(2.0, 4.0, number) for number in range(SAMPLES)]

    assert all(2.0 <= number < 4.0 for number in drawn)
    assert min(drawn) < 2.01
    assert max(drawn) > 3.99


def test_options_come_up_as_often_as_they_weigh() -> None:
    counted = Counter(Chance(1).pick({"often": 3.0, "never": 0.0, "seldom": 1.0}, number) for number in range(SAMPLES))

    assert counted["never"] == 0
    assert 2.8 < counted["often"] / counted["seldom"] < 3.2


def test_a_share_happens_that_often() -> None:
    happened = sum(Chance(1).happens(0.2, number) for number in range(SAMPLES))

    assert 0.19 < happened / SAMPLES < 0.21
