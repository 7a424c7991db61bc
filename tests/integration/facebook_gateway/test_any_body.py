from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.facebook_gateway.conftest import Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import PAGE, SECRET

KEYS = st.sampled_from(["object", "entry", "id", "messaging", "standby", "changes", "sender", "recipient", "message"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4) | st.just(PAGE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=15,
)
BODIES = st.binary(max_size=40) | VALUES.map(lambda value: json.dumps({"entry": [value]}).encode())


@settings(max_examples=3, deadline=None)
@given(bodies=st.lists(BODIES, min_size=40, max_size=40))
def test_a_signed_body_gets_its_200_whatever_stands_in_it(bodies: list[bytes]) -> None:
    recorder = IngestRecorder()
    recorder.add_app("1", [PAGE], secrets=[SECRET])

    assert set(asyncio.run(_statuses(recorder, bodies))) == {200}
    assert all(item.quarantined.raw or item.event.raw for item in recorder.items)


async def _statuses(recorder: IngestRecorder, bodies: list[bytes]) -> list[int]:
    async with AsyncExitStack() as stack:
        edge = await Edges(stack).start(recorder)
        return [answer.status_code for answer in await asyncio.gather(*map(edge.post, bodies))]
