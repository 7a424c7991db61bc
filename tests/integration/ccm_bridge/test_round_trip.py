"""From a webhook to CCM and back to the customer, through REST alone; both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from messenger_sandbox import Outcome
from tests.support.bridged_connector import Bridged, bridged_connector
from tests.support.ccm_stand_in import reply_to
from tests.support.channels import ANA, PAGE_ID


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Bridged]:
    async with bridged_connector(database_url, tmp_path) as bridged:
        yield bridged


async def test_a_message_reaches_ccm_and_the_agents_quoted_reply_the_customer(place: Bridged) -> None:
    ana = place.facebook.person(ANA)
    assert await ana.says("Where is my parcel? 📦") is Outcome.DELIVERED

    (received,) = await place.ccm.has_taken(1)
    answer = await place.ccm.sends(reply_to(received, "It left the depot this morning."))

    assert received["header"]["channelData"]["serviceIdentifier"] == PAGE_ID
    assert received["body"] == {"type": "PLAIN", "markdownText": "Where is my parcel? 📦"}
    assert answer.status_code == 200
    await place.facebook.journal.wait_for(lambda entry: entry.kind.name == "SEND_TAKEN")
    (sent,) = place.facebook.world.conversation(ANA).sent_by_page()
    assert ana.saw == ("It left the depot this morning.",)
    assert sent.content["reply_to"]["mid"] == received["header"]["providerMessageId"]
