"""Webhook bodies as large as Facebook makes them, through gateway, server and store, to whoever reads the stream."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.support.webhook_bodies import PAGE, TIME, envelope, text_item
from tests.support.whole_connector import kept, whole_connector

Item = Any

UPDATES = 1_000
"""As many as Facebook puts into one body."""
PAGES = [str(100200300400500 + number) for number in range(40)]
PEOPLE = 5
"""Of each page."""
BAD_EVERY = 20
"""One item of so many is malformed: 5 %."""


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def good(number: int) -> Item:
    page = PAGES[number % len(PAGES)]
    psid = f"{page}{number // len(PAGES) % PEOPLE}"
    return text_item(f"m_{number}", f"text {number}", psid=psid, page=page, time=TIME + number)


def bad(number: int) -> Item:
    """Something that is no event, or none that can be kept; each unlike any other."""
    parties = {"sender": {"id": f"7{number}"}, "recipient": {"id": "1"}, "timestamp": TIME}
    deep: Item = number
    for _ in range(300):
        deep = [deep]
    return [
        number,
        f"text {number}",
        [number],
        parties,
        {**parties, "sender": {"id": str(number) * 65}, "message": {"mid": f"m_{number}", "text": "x"}},
        {**parties, "message": {"mid": f"m_{number}", "text": "x", "nlp": deep}},
    ][number // BAD_EVERY % 6]


def is_bad(number: int) -> bool:
    # Another place in each score, so that no page has bad ones only.
    return number % BAD_EVERY == number // BAD_EVERY % BAD_EVERY


async def test_of_a_thousand_updates_the_good_are_stored_in_order_and_the_bad_are_quarantined(
    database_url: str, tmp_path: Path
) -> None:
    items = [bad(number) if is_bad(number) else good(number) for number in range(UPDATES)]
    body = envelope(
        *({"id": PAGES[number % len(PAGES)], "time": TIME, "messaging": [item]} for number, item in enumerate(items))
    )
    said = [f"text {number}" for number in range(UPDATES) if not is_bad(number)]
    async with whole_connector(database_url, tmp_path / "data", PAGES) as place:
        assert [await place.post(body), await place.post(body)] == [200, 200]
        received = await place.received(len(said))

    conversations = defaultdict(list)
    for each in received:
        conversations[each.ordering_key].append(int(each.message.body.markdown_text.split()[1]))
    stored = await kept(database_url)
    assert sorted(each.message.body.markdown_text for each in received) == sorted(said)
    assert len(conversations) == len(PAGES) * PEOPLE
    assert all(numbers == sorted(numbers) for numbers in conversations.values())
    assert len(stored.events) == len(said)
    quarantined = sorted(json.dumps(json.loads(raw)) for raw in stored.quarantined)
    assert quarantined == sorted(json.dumps(bad(number)) for number in range(UPDATES) if is_bad(number))


async def test_a_thousand_long_texts_with_every_letter_escaped_are_taken_at_once(
    database_url: str, tmp_path: Path
) -> None:
    texts = [f"{number:04}" + "Ж" * 1_996 for number in range(UPDATES)]
    people = itertools.cycle(f"700{number}" for number in range(100))
    items = [text_item(f"m_{n}", text, psid=next(people), time=TIME + n) for n, text in enumerate(texts)]
    body = envelope({"id": PAGE, "time": TIME, "messaging": items})
    async with whole_connector(database_url, tmp_path / "data", [PAGE]) as place:
        status = await place.post(body)
        received = await place.received(UPDATES)

    assert len(body) > 12_000_000
    assert status == 200
    assert Counter(each.message.body.markdown_text for each in received) == Counter(texts)


async def test_a_pasted_link_is_one_message(database_url: str, tmp_path: Path) -> None:
    link = "https://news.example/2026/11/depot?x=1"
    item = text_item("m_1", link)
    item["message"]["attachments"] = [{"type": "fallback", "payload": {"url": link, "title": "Depot opens on Monday"}}]
    after = text_item("m_2", "the next", time=TIME + 1)
    async with whole_connector(database_url, tmp_path / "data", [PAGE]) as place:
        status = await place.post(envelope({"id": PAGE, "time": TIME, "messaging": [item, after]}))
        pasted, following = await place.received(2)

    assert status == 200
    assert (pasted.message.body.type, pasted.message.body.url.media_url) == ("URL", link)
    assert pasted.message.body.markdown_text == "Depot opens on Monday"
    assert not pasted.context.HasField("part")
    assert following.message.body.markdown_text == "the next"
