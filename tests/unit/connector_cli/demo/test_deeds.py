from __future__ import annotations

from typing import Any

import pytest

from connector_cli.demo.cast import AMINA, Act, Deed
from connector_cli.demo.deeds import DEEDS, about, is_deed, told
from messenger_sandbox import EntryKind, Filter, Person, Sandbox
from tests.support.channels import sandbox_config


@pytest.mark.parametrize(
    ("deed", "text", "line"),
    [
        (Deed.WRITES, "Hello", ("writes", "Hello")),
        (Deed.SENDS_PICTURES, "Look", ("sends", "Look (image, image)")),
        (Deed.SENDS_STICKER, "", ("sends", "(sticker)")),
        (Deed.QUOTES, "That one", ("writes", "That one")),
        (Deed.REACTS, "", ("reacts", "❤")),
        (Deed.TAPS, "Agent", ("taps", "Agent")),
    ],
)
async def test_every_deed_is_done_and_can_be_told(deed: Deed, text: str, line: tuple[str, str]) -> None:
    config = sandbox_config()
    person = Person(psid=AMINA.psid, page_id=config.pages[0].page_id)
    async with Sandbox(config).serve() as sandbox:
        sandbox.world.put_person(person)
        answered = sandbox.person(person.psid).does("echo.own").mid

        DEEDS[deed](sandbox, Act(person=person, deed=deed, text=text))

        (entry,) = sandbox.journal.entries(Filter(kind=EntryKind.PERSON_ACTED))
        item: dict[str, Any] = entry.details["item"]
        assert is_deed(entry)
        assert told(item) == line
        assert about(item) == (answered if deed in {Deed.QUOTES, Deed.REACTS} else None)


def test_every_deed_has_its_row() -> None:
    assert set(DEEDS) == set(Deed)
