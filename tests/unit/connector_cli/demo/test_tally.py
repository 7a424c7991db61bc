from __future__ import annotations

from types import MappingProxyType
from typing import Any

from connector_cli.demo.tally import Tally, event_name, seen_of, tally
from messenger_sandbox import Entry, EntryKind

PSID = "7001"


def entry(kind: EntryKind, mid: str | None, **details: Any) -> Entry:
    return Entry(seq=1, at_ms=0, kind=kind, psid=PSID, mid=mid, details=MappingProxyType(details))


def acted(mid: str | None, event: str) -> Entry:
    return entry(EntryKind.PERSON_ACTED, mid, event=event)


def written(mid: str) -> Entry:
    return acted(mid, "message")


def posted(*mids: str | None, status: int | None = 200) -> Entry:
    return entry(EntryKind.WEBHOOK_POSTED, None, status=status, events=[{"mid": mid, "psid": PSID} for mid in mids])


def seen(mid: str) -> Entry:
    return entry(EntryKind.SEND_TAKEN, mid)


def test_a_run_as_promised() -> None:
    journal = [written("m1"), posted("m1"), seen("a1"), seen("a2"), posted("a1"), posted("a2")]

    figures = tally(journal, {"m1"}, {"reply": ("a1", "a2")})

    assert figures == Tally(webhooks=3, acknowledged=1, delivered=1, lost=0, refused=0, repeated=0)
    assert figures.good
    assert figures.complaints == []
    assert str(figures) == "demo: 3 webhooks in, 1 events acknowledged, 1 replies delivered, 0 lost"


def test_a_webhook_posted_twice_is_two_webhooks_and_one_event() -> None:
    figures = tally([written("m1"), posted("m1"), posted("m1")], {"m1"}, {})

    assert (figures.webhooks, figures.acknowledged, figures.good) == (2, 1, True)


def test_a_message_that_got_a_200_and_was_never_acknowledged_is_lost() -> None:
    figures = tally([written("m1"), posted("m1")], set(), {})

    assert (figures.lost, figures.good) == (1, False)


def test_an_accepted_reply_of_which_a_part_was_not_seen_is_lost() -> None:
    figures = tally([seen("a1")], set(), {"reply": ("a1", "a2"), "never sent": ()})

    assert (figures.delivered, figures.lost, figures.good) == (0, 2, False)


def test_a_message_that_never_got_a_200_is_refused_and_not_lost() -> None:
    figures = tally([written("m1"), posted("m1", status=503), posted("m1", status=None)], set(), {})

    assert (figures.webhooks, figures.lost, figures.refused, figures.good) == (0, 0, 1, False)
    assert figures.complaints == ["1 messages of customers never got a 200"]


def test_a_message_seen_beyond_what_was_accepted_is_a_repeat() -> None:
    figures = tally([seen("a1"), seen("again")], set(), {"reply": ("a1",)})

    assert (figures.repeated, figures.good) == (1, False)
    assert figures.complaints == ["1 messages reached customers that stand for no reply"]


def test_a_reaction_counts_by_its_author() -> None:
    journal = [acted(None, "react"), posted(None)]

    assert tally(journal, set(), {}).lost == 1
    assert tally(journal, {event_name(None, PSID)}, {}).acknowledged == 1


def test_receipts_are_passed_over() -> None:
    assert tally([written("m1"), acted(None, "read"), posted("m1"), posted(None)], {"m1"}, {}).good


def test_a_reply_is_known_by_its_metadata_and_a_part_seen_again_is_none_of_it() -> None:
    journal = [
        entry(EntryKind.SEND_TAKEN, "a1", metadata="fbc:one:reply-1:0"),
        entry(EntryKind.SEND_TAKEN, "a2", metadata="fbc:one:reply-1:1"),
        entry(EntryKind.SEND_TAKEN, "a3", metadata="fbc:one:reply-1:1"),
        entry(EntryKind.SEND_TAKEN, "a4", metadata=None),
        entry(EntryKind.SEND_TAKEN, "a5", metadata="fbc:one:other:0"),
    ]
    found = seen_of(journal, {"reply-1", "reply-2"})

    assert found == {"reply-1": ("a1", "a2"), "reply-2": ()}
    assert tally(journal[:3], set(), {"reply-1": found["reply-1"]}).repeated == 1
