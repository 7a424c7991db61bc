from __future__ import annotations

from contextlib import ExitStack

from facebook_connector.outbox.places import UploadPlaces
from facebook_connector.sending.values import Lane


class Lanes:
    """Lanes that try to get a place, and who was woken."""

    def __init__(self, *, at_once: int = 2, of_one_page: int = 2) -> None:
        self.places = UploadPlaces(at_once=at_once, of_one_page=of_one_page)
        self.woken: list[str] = []

    def enter(self, stack: ExitStack, psid: str, page_id: str = "1") -> bool:
        lane = Lane(page_id=page_id, psid=psid)
        return stack.enter_context(self.places.place(lane, lambda: self.woken.append(psid)))


def test_there_are_so_many_places_and_no_more() -> None:
    lanes = Lanes()
    with ExitStack() as stack:
        assert [lanes.enter(stack, psid) for psid in "abc"] == [True, True, False]
    with ExitStack() as stack:
        assert lanes.enter(stack, "c")


def test_a_page_cannot_take_the_places_of_others() -> None:
    lanes = Lanes(at_once=3, of_one_page=1)
    with ExitStack() as stack:
        assert [lanes.enter(stack, psid) for psid in "ab"] == [True, False]
        assert lanes.enter(stack, "c", page_id="2")


def test_who_waits_longest_is_woken_by_the_place_that_gets_free() -> None:
    lanes = Lanes(at_once=1)
    with ExitStack() as waiting:
        with ExitStack() as stack:
            lanes.enter(stack, "a")
            for psid in "bcb":
                lanes.enter(waiting, psid)
        assert lanes.woken == ["b"]
        with ExitStack() as stack:
            assert lanes.enter(stack, "b")
        assert lanes.woken == ["b", "c"]


def test_a_place_of_one_page_wakes_nobody_of_a_page_that_is_full() -> None:
    lanes = Lanes(at_once=3, of_one_page=1)
    with ExitStack() as full, ExitStack() as waiting:
        lanes.enter(full, "a", page_id="1")
        with ExitStack() as stack:
            lanes.enter(stack, "x", page_id="2")
            lanes.enter(waiting, "b", page_id="1")
            lanes.enter(waiting, "y", page_id="2")
        assert lanes.woken == ["y"]


def test_a_place_is_free_again_when_its_upload_fails() -> None:
    lanes = Lanes(at_once=1)
    stack = ExitStack()
    assert lanes.enter(stack, "a")
    stack.__exit__(OSError, OSError(), None)
    with ExitStack() as stack:
        assert lanes.enter(stack, "b")
