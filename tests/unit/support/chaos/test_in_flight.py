from __future__ import annotations

import pytest

from tests.support.chaos import journal as j
from tests.support.chaos.in_flight import hits
from tests.support.chaos.journal import AnyRecord

SERVER_OF = {"gateway-1": "server-1", "gateway-2": "server-2"}

POSTED = j.Posted(at=1, post=1, gateway="gateway-1", conversation=1, number=1)
ANSWERED = j.Answered(at=2, post=1, status=503)
DELIVERED = j.Delivered(
    at=3,
    consumer="ccm-1",
    conversation=1,
    number=1,
    attempt=1,
    stream=1,
    server="server-1",
    cim_id="cim-1",
    deadline_at=13,
)
ACKING = j.Acking(at=4, consumer="ccm-1", conversation=1, number=1, attempt=1)
CONFIRMED = j.AckAnswered(at=5, consumer="ccm-1", conversation=1, number=1, attempt=1, outcome="OK")
NACKED = j.Nacked(at=5, consumer="ccm-1", conversation=1, number=1, attempt=1)
ENDED = j.StreamEnded(at=5, consumer="ccm-1", stream=1)


@pytest.mark.parametrize(
    ("before", "process", "webhooks", "deliveries"),
    [
        ([POSTED], "gateway-1", 1, 0),
        ([POSTED], "server-1", 1, 0),
        ([POSTED], "gateway-2", 0, 0),
        ([POSTED], "server-2", 0, 0),
        ([POSTED], "ccm-1", 0, 0),
        ([POSTED, ANSWERED], "gateway-1", 0, 0),
        ([DELIVERED], "ccm-1", 0, 1),
        ([DELIVERED], "server-1", 0, 1),
        ([DELIVERED], "server-2", 0, 0),
        ([DELIVERED], "ccm-2", 0, 0),
        ([DELIVERED], "gateway-1", 0, 0),
        ([DELIVERED, ACKING], "ccm-1", 0, 1),
        ([DELIVERED, ACKING], "server-1", 0, 1),
        ([DELIVERED, ACKING, CONFIRMED], "ccm-1", 0, 0),
        ([DELIVERED, ACKING, CONFIRMED], "server-1", 0, 0),
        ([DELIVERED, NACKED], "ccm-1", 0, 0),
        ([DELIVERED, ENDED], "ccm-1", 0, 0),
        ([POSTED, DELIVERED], "server-1", 1, 1),
        ([], "server-1", 0, 0),
    ],
)
def test_a_kill_hits_what_the_process_had_not_finished(
    before: list[AnyRecord], process: str, webhooks: int, deliveries: int
) -> None:
    (hit,) = hits([*before, j.Killed(at=9, process=process)], SERVER_OF)

    assert (hit.webhooks, hit.deliveries) == (webhooks, deliveries)
    assert hit.in_flight is bool(webhooks or deliveries)


def test_what_died_with_the_first_kill_does_not_count_for_the_second() -> None:
    first, second = hits([DELIVERED, j.Killed(at=8, process="ccm-1"), j.Killed(at=9, process="server-1")], SERVER_OF)

    assert first.in_flight
    assert not second.in_flight
