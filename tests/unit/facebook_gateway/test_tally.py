from __future__ import annotations

from structlog.testing import capture_logs

from facebook_gateway.tally import Tally


def test_each_line_tells_what_came_since_the_last() -> None:
    tally = Tally()
    with capture_logs() as lines:
        tally.count("webhooks_stored", 3)
        tally.tell()
        tally.tell()
        tally.count("webhooks_stored")
        tally.count("items_duplicate")
        tally.tell()

    told = [{name: line[name] for name in tally.counts if name in line} for line in lines]
    assert told == [{"webhooks_stored": 3}, {"webhooks_stored": 1, "items_duplicate": 1}]
    assert tally.counts["webhooks_stored"] == 4
