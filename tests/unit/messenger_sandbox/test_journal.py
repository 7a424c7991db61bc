from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from messenger_sandbox import EntryKind, Filter, Journal, read_journal, seen_by


def journal(file: Path | None = None) -> Journal:
    return Journal(lambda: 1_000, file)


def test_entries_are_numbered_from_one_without_gaps() -> None:
    book = journal()
    for _ in range(3):
        book.record(EntryKind.CLOCK_ADVANCED)
    assert [entry.seq for entry in book.entries()] == [1, 2, 3]


def test_a_filter_chooses_by_number_kind_page_and_person() -> None:
    book = journal()
    book.record(EntryKind.PERSON_ACTED, page_id="1", psid="a")
    wanted = book.record(EntryKind.PERSON_ACTED, page_id="1", psid="a")
    book.record(EntryKind.PERSON_ACTED, page_id="1", psid="b")
    book.record(EntryKind.PERSON_ACTED, page_id="2", psid="a")
    book.record(EntryKind.SEND_TAKEN, page_id="1", psid="a", content="text", text="t")
    chosen = Filter(after=1, kind=EntryKind.PERSON_ACTED, page_id="1", psid="a")
    assert book.entries(chosen) == (wanted,)


@pytest.mark.parametrize(("after", "chosen"), [(0, True), (1, False)])
def test_the_number_to_start_after_is_exclusive(after: int, *, chosen: bool) -> None:
    first = journal().record(EntryKind.CLOCK_ADVANCED)
    assert Filter(after=after).chooses(first) is chosen


def test_what_a_customer_saw_is_what_was_taken_for_them_in_order() -> None:
    book = journal()
    book.record(EntryKind.SEND_TAKEN, psid="a", content="text", text="one")
    book.record(EntryKind.SEND_ANSWERED, psid="a", status=500)
    book.record(EntryKind.SEND_TAKEN, psid="b", content="text", text="not for a")
    book.record(EntryKind.SEND_TAKEN, psid="a", content="image", text=None)
    book.record(EntryKind.SEND_TAKEN, psid="a", content="text", text="one")
    assert book.seen_by("a") == ("one", "[image]", "one")


def test_a_line_is_in_the_file_as_soon_as_it_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    book = journal(file)
    recorded = book.record(EntryKind.SEND_TAKEN, page_id="1", psid="a", mid="m_1", content="text", text="Grüße 👍")
    assert read_journal(file) == (recorded,)
    book.close()


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    book = journal(file)
    book.record(EntryKind.SEND_TAKEN, psid="a", content="text", text="whole")
    book.close()
    with file.open("ab") as torn:
        torn.write(b'{"seq":2,"at_ms"')
    assert seen_by(read_journal(file), "a") == ("whole",)


def test_numbers_go_on_over_a_restart_with_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    first = journal(file)
    first.record(EntryKind.CLOCK_ADVANCED)
    first.close()
    second = journal(file)
    second.record(EntryKind.CLOCK_ADVANCED)
    assert [entry.seq for entry in read_journal(file)] == [1, 2]
    assert [entry.seq for entry in second.entries(Filter(after=1))] == [2]
    second.close()


def test_a_torn_line_does_not_swallow_the_next_entry(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_bytes(b'{"seq":1,"at_ms"')
    book = journal(file)
    book.record(EntryKind.SEND_TAKEN, psid="a", content="text", text="after")
    book.close()
    assert seen_by(read_journal(file), "a") == ("after",)


async def test_waiting_finds_what_is_there_already() -> None:
    book = journal()
    there = book.record(EntryKind.HANDSHAKE)
    assert await book.wait_for(lambda entry: entry.kind is EntryKind.HANDSHAKE) == there


async def test_two_may_wait_for_what_is_still_to_come() -> None:
    book = journal()
    waiting = [
        asyncio.create_task(book.wait_for(lambda entry, mid=mid: entry.mid == mid))  # type: ignore[misc]
        for mid in ("m_1", "m_2")
    ]
    await asyncio.sleep(0)
    book.record(EntryKind.SEND_TAKEN, mid="m_2")
    await asyncio.sleep(0)
    book.record(EntryKind.SEND_TAKEN, mid="m_1")
    assert [entry.mid for entry in await asyncio.gather(*waiting)] == ["m_1", "m_2"]


async def test_waiting_ends_with_the_time_allowed() -> None:
    with pytest.raises(TimeoutError):
        await journal().wait_for(lambda _: True, timeout_s=0.01)


def test_a_bound_keeps_the_newest_entries_and_the_numbers(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal = Journal(lambda: 1, file, kept=2)
    for _ in range(3):
        journal.record(EntryKind.CLOCK_ADVANCED)
    assert [entry.seq for entry in journal.entries()] == [2, 3]
    assert [entry.seq for entry in journal.entries(Filter(after=2))] == [3]
    assert journal.entries(Filter(after=3)) == ()
    assert journal.last_seq == 3
    journal.close()
    assert [entry.seq for entry in read_journal(file)] == [1, 2, 3]
