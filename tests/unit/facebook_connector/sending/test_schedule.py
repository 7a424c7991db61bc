from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from facebook_connector.sending.schedule import LaneSchedule
from tests.support.lane_situations import situation


def started(schedule: LaneSchedule, now_ms: int, limit: int) -> list[str]:
    return [lane for lane, _ in schedule.start(now_ms, limit)]


def test_a_woken_lane_is_started_once() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.wake("a")
    assert started(schedule, 0, 9) == ["a"]
    assert started(schedule, 0, 9) == []


def test_a_lane_comes_with_the_head_that_was_told_when_it_was_woken() -> None:
    schedule, head = LaneSchedule(), situation().head
    schedule.wake("a", head)
    schedule.wake("a")
    schedule.offer("a")
    schedule.wake("b")
    assert schedule.start(0, 2) == [("a", head), ("b", None)]


def test_a_head_that_was_told_during_a_pass_is_read_anew() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.start(0, 1)
    schedule.wake("a", situation().head)
    schedule.finished("a", None)
    assert schedule.start(0, 1) == [("a", None)]


def test_lanes_are_started_in_the_order_they_became_ready() -> None:
    schedule = LaneSchedule()
    for lane in "abc":
        schedule.wake(lane)
    assert started(schedule, 0, 2) == ["a", "b"]


def test_a_lane_woken_during_its_pass_runs_again() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.start(0, 1)
    schedule.wake("a")
    schedule.finished("a", None)
    assert started(schedule, 0, 1) == ["a"]


def test_a_waiting_lane_comes_back_at_its_time() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.start(0, 1)
    schedule.finished("a", 50)
    assert schedule.next_ms() == 50
    assert started(schedule, 49, 1) == []
    assert started(schedule, 50, 1) == ["a"]


def test_an_offer_does_not_cut_waiting_short() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.start(0, 1)
    schedule.finished("a", 50)
    schedule.offer("a")
    assert started(schedule, 49, 1) == []


def test_a_wake_cuts_waiting_short() -> None:
    schedule = LaneSchedule()
    schedule.wake("a")
    schedule.start(0, 1)
    schedule.finished("a", 50)
    schedule.wake("a")
    assert schedule.next_ms() == 0
    assert started(schedule, 10, 1) == ["a"]
    assert started(schedule, 50, 1) == []


def test_a_lane_with_nothing_to_do_can_be_taken_out_of_turn() -> None:
    schedule = LaneSchedule()
    assert schedule.take("a")
    assert (schedule.active, schedule.next_ms()) == (1, None)
    schedule.wake("a")
    schedule.finished("a", None)
    assert started(schedule, 0, 1) == ["a"]


def test_a_lane_with_something_to_do_cannot_be_taken() -> None:
    schedule = LaneSchedule()
    schedule.wake("active")
    schedule.wake("waiting")
    schedule.start(0, 2)
    schedule.finished("waiting", 50)
    schedule.wake("ready")
    assert [schedule.take(lane) for lane in ("active", "waiting", "ready")] == [False] * 3


def test_what_is_active_survives_forgetting_the_rest() -> None:
    schedule = LaneSchedule()
    for lane in "ab":
        schedule.wake(lane)
    schedule.start(0, 1)
    schedule.forget_waiting()
    assert (schedule.active, schedule.next_ms()) == (1, None)
    schedule.finished("a", None)


class AnyOrder(RuleBasedStateMachine):
    """A lane is active at most once, and one that was woken is started again sooner or later."""

    def __init__(self) -> None:
        super().__init__()
        self.schedule = LaneSchedule()
        self.active: set[str] = set()
        self.owed: set[str] = set()
        self.now_ms = 0

    @rule(lane=st.sampled_from("abcd"))
    def wake(self, lane: str) -> None:
        self.schedule.wake(lane)
        self.owed.add(lane)

    @rule(lane=st.sampled_from("abcd"))
    def take(self, lane: str) -> None:
        if self.schedule.take(lane):
            assert lane not in self.active | self.owed
            self.active.add(lane)

    @rule(limit=st.integers(min_value=0, max_value=3), step_ms=st.integers(min_value=0, max_value=20))
    def start(self, limit: int, step_ms: int) -> None:
        self.now_ms += step_ms
        begun = started(self.schedule, self.now_ms, limit)
        assert not self.active.intersection(begun)
        assert len(begun) == len(set(begun)) <= limit
        self.active.update(begun)
        self.owed.difference_update(begun)

    @precondition(lambda self: self.active)
    @rule(wait_ms=st.one_of(st.none(), st.integers(min_value=0, max_value=30)))
    def finish(self, wait_ms: int | None) -> None:
        lane = min(self.active)
        self.active.remove(lane)
        self.schedule.finished(lane, None if wait_ms is None else self.now_ms + wait_ms)
        if wait_ms is not None:
            self.owed.add(lane)

    @invariant()
    def what_is_owed_is_not_forgotten(self) -> None:
        waiting = self.owed - self.active
        assert not waiting or self.schedule.next_ms() is not None


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
test_any_order = AnyOrder.TestCase
