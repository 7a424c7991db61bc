"""Every way to break a promise, as short journals; and what is allowed, which must not be called broken."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from tests.support.chaos import journal as j
from tests.support.chaos.journal import AnyRecord
from tests.support.chaos.oracle import Broken, judge

LEASE_S = 10.0


class Story:
    """A journal that is written line by line, one second apart, about conversation 1."""

    def __init__(self) -> None:
        self.records: list[AnyRecord] = []
        self._posts = count(1)

    def said(self, number: int, status: int = 200) -> Story:
        post = next(self._posts)
        self._add(j.Posted(at=0, post=post, gateway="gateway-1", conversation=1, number=number))
        return self._add(j.Answered(at=0, post=post, status=status))

    def delivered(
        self, number: int, attempt: int = 1, *, to: str = "ccm-1", stream: int = 1, cim_id: str = ""
    ) -> Story:
        return self._add(
            j.Delivered(
                at=0,
                consumer=to,
                conversation=1,
                number=number,
                attempt=attempt,
                stream=stream,
                server="server-1",
                cim_id=cim_id or f"cim-{number}",
                deadline_at=len(self.records) + LEASE_S,
            )
        )

    def resumed(self, number: int, attempt: int = 1, *, stream: int = 2) -> Story:
        return self._add(
            j.Resumed(
                at=0,
                consumer="ccm-1",
                conversation=1,
                number=number,
                attempt=attempt,
                stream=stream,
                server="server-1",
                deadline_at=len(self.records) + LEASE_S,
            )
        )

    def acking(self, number: int, attempt: int = 1) -> Story:
        return self._add(j.Acking(at=0, consumer="ccm-1", conversation=1, number=number, attempt=attempt))

    def answered(self, number: int, attempt: int = 1, outcome: str = "OK") -> Story:
        return self._add(
            j.AckAnswered(at=0, consumer="ccm-1", conversation=1, number=number, attempt=attempt, outcome=outcome)
        )

    def done(self, number: int, attempt: int = 1) -> Story:
        return self.acking(number, attempt).answered(number, attempt)

    def nacked(self, number: int, attempt: int = 1) -> Story:
        return self._add(j.Nacked(at=0, consumer="ccm-1", conversation=1, number=number, attempt=attempt))

    def stream_ended(self, stream: int = 1) -> Story:
        return self._add(j.StreamEnded(at=0, consumer="ccm-1", stream=stream))

    def killed(self, process: str) -> Story:
        return self._add(j.Killed(at=0, process=process))

    def started(self, process: str) -> Story:
        return self._add(j.Started(at=0, process=process))

    def later(self, seconds: float) -> Story:
        """The last record happened so much later."""
        last = self.records[-1]
        self.records[-1] = replace(last, at=last.at + seconds)
        return self

    def broken(self) -> list[Broken]:
        return [violation.broken for violation in judge(self.records).violations]

    def _add(self, record: AnyRecord) -> Story:
        self.records.append(replace(record, at=float(len(self.records))))
        return self


def told(first: int = 1) -> Story:
    """The first message was delivered."""
    return Story().said(first).delivered(first)


@pytest.mark.parametrize(
    "story",
    [
        told().done(1).said(2).delivered(2).done(2),
        told().nacked(1).delivered(1, 2).done(1, 2),
        told().stream_ended().delivered(1, 2, to="ccm-2").done(1, 2),
        told().killed("ccm-1").delivered(1, 2).done(1, 2),
        told().killed("server-1").delivered(1, 4).done(1, 4),
        # It was on the way when the server died.
        Story().said(1).killed("server-1").delivered(1).started("server-1").delivered(1, 2).done(1, 2),
        told().delivered(1, 2).later(LEASE_S).done(1, 2),
        # Whether the acknowledgement was committed before the server died nobody knows.
        told().acking(1).killed("server-1").delivered(1, 2).done(1, 2),
        told().acking(1).killed("server-1").said(2).delivered(2).done(2),
        told().acking(1).killed("server-1").answered(1, outcome="STALE").said(2).delivered(2).done(2),
        # Late and repeated acknowledgements, refused as they should be.
        told().nacked(1).delivered(1, 2).acking(1, 1).answered(1, 1, "STALE").done(1, 2),
        told().done(1).acking(1).answered(1, outcome="STALE"),
        # A lease that goes on on the next stream.
        told().stream_ended().resumed(1).done(1),
        told().stream_ended().nacked(1).resumed(1).delivered(1, 2).done(1, 2),
        # No 200: it may be stored or not.
        Story().said(1, status=503),
        Story().said(1, status=503).delivered(1).done(1),
    ],
)
def test_what_the_contract_allows_is_no_violation(story: Story) -> None:
    assert story.broken() == []


BREACHES = [
    (Story().said(1), Broken.LOST),
    (told().nacked(1), Broken.LOST),
    (told().acking(1).answered(1, outcome="STALE"), Broken.LOST),
    (told().said(2).delivered(2).done(2).done(1), Broken.OUT_OF_ORDER),
    (told().nacked(1).said(2).delivered(2).done(2).delivered(1, 2).done(1, 2), Broken.OUT_OF_ORDER),
    (told().delivered(1, 2).done(1, 2), Broken.UNEXPLAINED_DUPLICATE),
    (told().nacked(1).delivered(1, 1).done(1, 1), Broken.UNEXPLAINED_DUPLICATE),
    (told().done(1).delivered(1, 2), Broken.UNEXPLAINED_DUPLICATE),
    (
        Story().said(1).killed("server-1").started("server-1").delivered(1).delivered(1, 2).done(1, 2),
        Broken.UNEXPLAINED_DUPLICATE,
    ),
    (told().stream_ended().resumed(1).delivered(1, 2).done(1, 2), Broken.UNEXPLAINED_DUPLICATE),
    (told().stream_ended(stream=7).delivered(1, 2).done(1, 2), Broken.UNEXPLAINED_DUPLICATE),
    (told().nacked(1).delivered(1, 2).done(1, 1).done(1, 2), Broken.STALE_ACK_TAKEN),
    (told().done(1).done(1), Broken.ACK_TAKEN_TWICE),
    (told().nacked(1).delivered(1, 2, cim_id="another").done(1, 2), Broken.CHANGED),
    (Story().delivered(1), Broken.FOREIGN),
    (told().acking(1).answered(1, outcome="UNKNOWN").done(1), Broken.ACK_UNKNOWN),
]


@pytest.mark.parametrize(("story", "broken"), BREACHES)
def test_each_broken_promise_is_named(story: Story, broken: Broken) -> None:
    assert broken in story.broken()


def test_every_way_to_break_a_promise_is_tried() -> None:
    assert {broken for _, broken in BREACHES} == set(Broken)


def test_it_counts_events_by_their_200_and_redeliveries() -> None:
    verdict = judge(told().nacked(1).delivered(1, 2).done(1, 2).said(2).said(2).delivered(2).said(3, 503).records)

    assert (verdict.events, verdict.acknowledged, verdict.redeliveries) == (2, 1, 1)
