"""Pages that have no channel yet, where something beside the gateway can set one up."""

from __future__ import annotations

import asyncio

import pytest

from facebook_gateway import key_cache
from tests.integration.facebook_gateway.conftest import VERIFY_TOKEN, Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import PAGE, SECRET, TIME, envelope, signed, text_item, webhook

OTHER_PAGE = "100200300400600"
HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1"}


class Source:
    """Knows the settings of some pages, and gives a page its channel when it is asked for it."""

    def __init__(self, recorder: IngestRecorder, *pages: str) -> None:
        self.recorder = recorder
        self.pages = pages
        self.asked: list[str] = []

    async def learn(self, page_id: str) -> bool:
        self.asked.append(page_id)
        if page_id in self.pages:
            self.recorder.add_app("1", [page_id], secrets=[SECRET], tokens={page_id: VERIFY_TOKEN})
        return page_id in self.pages


async def test_the_handshake_of_a_page_that_is_learned(edges: Edges) -> None:
    recorder = IngestRecorder()
    source = Source(recorder, PAGE)
    edge = await edges.start(recorder, source.learn)

    answers = [await edge.client.get(f"/webhook/{page}", params=HANDSHAKE) for page in (PAGE, PAGE, OTHER_PAGE)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert source.asked == [PAGE, OTHER_PAGE]


async def test_a_webhook_whose_path_names_a_page_that_is_learned(edges: Edges) -> None:
    recorder = IngestRecorder()
    source = Source(recorder, PAGE)
    edge = await edges.start(recorder, source.learn)

    assert (await edge.post(webhook(text_item("m_1")), path=f"/facebook-connector/webhook/{PAGE}")).status_code == 200
    assert [event.dedupe_key for event in recorder.events] == ["mid:m_1"]
    assert source.asked == [PAGE]


async def test_a_proven_body_with_a_page_that_is_learned(edges: Edges, recorder: IngestRecorder) -> None:
    source = Source(recorder, OTHER_PAGE)
    edge = await edges.start(recorder, source.learn)
    entries = [
        {"id": page, "time": TIME, "messaging": [text_item(f"m_{page}", page=page)]}
        for page in (PAGE, OTHER_PAGE, "999")
    ]

    assert (await edge.post(envelope(*entries))).status_code == 200

    assert {event.page_id for event in recorder.events} == {PAGE, OTHER_PAGE}
    assert [(item.reason, item.page_id) for item in recorder.quarantined] == [("UNKNOWN_PAGE", "999")]
    assert sorted(source.asked) == [OTHER_PAGE, "999"]


@pytest.mark.parametrize("headers", [{}, signed(webhook(text_item("m_1")), "another secret")])
async def test_what_an_unproven_body_names_is_not_asked_for(
    edges: Edges, recorder: IngestRecorder, headers: dict[str, str]
) -> None:
    source = Source(recorder, OTHER_PAGE)
    edge = await edges.start(recorder, source.learn)

    answer = await edge.post(webhook(text_item("m_1", page=OTHER_PAGE), page=OTHER_PAGE), headers)

    assert answer.status_code == 403
    assert source.asked == []


async def test_known_pages_are_not_asked_for(edges: Edges, recorder: IngestRecorder) -> None:
    source = Source(recorder, PAGE)
    edge = await edges.start(recorder, source.learn)

    handshake = await edge.client.get(f"/webhook/{PAGE}", params={**HANDSHAKE, "hub.verify_token": "wrong"})
    unsigned = await edge.post(webhook(text_item("m_1")), {}, path=f"/webhook/{PAGE}")

    assert (handshake.status_code, unsigned.status_code) == (403, 403)
    assert source.asked == []


async def test_a_source_that_hangs_holds_up_no_other_page(
    edges: Edges, recorder: IngestRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "LEARN_WITHIN_S", 0.01)

    async def learn(_page_id: str) -> bool:
        await asyncio.Event().wait()
        return True

    edge = await edges.start(recorder, learn)
    entries = [{"id": page, "time": TIME, "messaging": [text_item(f"m_{page}", page=page)]} for page in (PAGE, "999")]

    assert (await edge.post(envelope(*entries))).status_code == 200

    assert [event.page_id for event in recorder.events] == [PAGE]
    assert [item.reason for item in recorder.quarantined] == ["UNKNOWN_PAGE"]
