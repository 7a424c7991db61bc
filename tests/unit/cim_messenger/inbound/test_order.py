from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cim_messenger.inbound import in_order
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent, QuarantinedItem

EVENTS = st.lists(
    st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["a", "b", ""]), st.none() | st.integers(1, 5)), max_size=12
)


def _event(page: str, psid: str, time: int | None, name: int) -> InboundEvent:
    event = InboundEvent(page_id=page, psid=psid, dedupe_key=str(name))
    if time is not None:
        event.event_time.seconds = time
    return event


def _names(results: list[InboundEvent | QuarantinedItem]) -> list[str]:
    return [result.dedupe_key if isinstance(result, InboundEvent) else result.reason for result in results]


@given(events=EVENTS)
def test_each_conversation_comes_by_time_and_ties_stay(events: list[tuple[str, str, int | None]]) -> None:
    ordered = in_order([_event(*event, name) for name, event in enumerate(events)])

    assert sorted(_names(ordered), key=int) == [str(name) for name in range(len(events))]
    for conversation in {event[:2] for event in events}:
        timed = [
            (event.event_time.seconds, int(event.dedupe_key))
            for event in ordered
            if isinstance(event, InboundEvent)
            and (event.page_id, event.psid) == conversation
            and event.HasField("event_time")
        ]
        assert timed == sorted(timed)


@given(events=EVENTS)
def test_conversations_do_not_move_one_another(events: list[tuple[str, str, int | None]]) -> None:
    ordered = in_order([_event(*event, name) for name, event in enumerate(events)])

    assert [event[:2] for event in events] == [
        (event.page_id, event.psid) for event in ordered if isinstance(event, InboundEvent)
    ]


def test_an_event_without_a_time_stays_behind_the_one_it_followed() -> None:
    ordered = in_order([_event("1", "a", 2, 0), _event("1", "a", None, 1), _event("1", "a", 1, 2)])

    assert _names(ordered) == ["2", "0", "1"]


def test_what_is_quarantined_stays_where_it_was() -> None:
    ordered = in_order([_event("1", "a", 2, 0), QuarantinedItem(reason="X"), _event("1", "a", 1, 1)])

    assert _names(ordered) == ["1", "X", "0"]
