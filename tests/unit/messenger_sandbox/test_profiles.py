from __future__ import annotations

from messenger_sandbox.profiles import ProfileCalls


def test_calls_are_counted_by_person() -> None:
    calls = ProfileCalls()
    for psid in ("a", "b", "a"):
        with calls.asking(psid):
            pass
    assert [calls.count(psid) for psid in ("a", "b", "c")] == [2, 1, 0]


def test_calls_that_follow_one_another_are_one_at_a_time() -> None:
    calls = ProfileCalls()
    for _ in range(3):
        with calls.asking("a"):
            pass
    assert calls.most_at_once("a") == 1


def test_calls_side_by_side_are_noticed() -> None:
    calls = ProfileCalls()
    with calls.asking("a"), calls.asking("a"), calls.asking("b"):
        pass
    assert (calls.most_at_once("a"), calls.most_at_once("b"), calls.most_at_once("c")) == (2, 1, 0)
