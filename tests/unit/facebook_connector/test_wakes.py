from __future__ import annotations

from facebook_connector.store.notices import Topic
from facebook_connector.wakes import ACTIONS


def test_every_topic_wakes_somebody() -> None:
    assert ACTIONS.keys() == set(Topic)
