"""What each kill hit: the work that the killed process had taken on and not finished at that moment.

A gateway works on the webhooks that it has not answered. A server works on those of its gateways, on the messages that
it delivered and on which nobody has had the last word, and on acknowledgements that it has not answered. A consumer
works on the messages it holds. A kill that hits none of this proves nothing, and does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.support.chaos import journal as j
from tests.support.chaos.journal import AnyRecord, Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One kill and what it hit."""

    process: str
    at: float
    webhooks: int
    deliveries: int
    """Delivered messages without a confirmed acknowledgement, be it not sent or not answered."""

    @property
    def in_flight(self) -> bool:
        """Whether it hit anything."""
        return self.webhooks + self.deliveries > 0


def hits(records: Iterable[AnyRecord], server_of: Mapping[str, str]) -> list[Hit]:
    """All kills; `server_of` names the server that each gateway hands over to, `records` are in the order of time."""
    flight, found = Flight(server_of), list[Hit]()
    for record in records:
        if isinstance(record, j.Killed):
            found.append(flight.hit(record.process, record.at))
        flight.take(record)
    return found


class Flight:
    """What is in flight by the records so far."""

    def __init__(self, server_of: Mapping[str, str]) -> None:
        self._server_of = server_of
        self._posts: dict[int, str] = {}
        """The unanswered webhooks and their gateways."""
        self._held: dict[Said, tuple[str, int, str]] = {}
        """Consumer, stream and server of the messages that are out."""

    def take(self, record: AnyRecord) -> None:
        """The next record, in the order of time."""
        match record:
            case j.Posted():
                self._posts[record.post] = record.gateway
            case j.Answered():
                self._posts.pop(record.post, None)
            case j.Delivered() | j.Resumed():
                said = Said(record.conversation, record.number)
                self._held[said] = record.consumer, record.stream, record.server
            case j.AckAnswered() | j.Nacked():
                self._held.pop(Said(record.conversation, record.number), None)
            case j.StreamEnded():
                self._let_go(lambda consumer, stream, _: (consumer, stream) == (record.consumer, record.stream))
            case j.Killed():
                self._let_go(lambda consumer, _, server: record.process in (consumer, server))
            case _:
                pass

    def _let_go(self, applies: Callable[[str, int, str], bool]) -> None:
        self._held = {said: place for said, place in self._held.items() if not applies(*place)}

    def hit(self, process: str, at: float) -> Hit:
        """What a kill of the process hits that follows the records so far."""
        gateways = {process} | {name for name, server in self._server_of.items() if server == process}
        return Hit(
            process=process,
            at=at,
            webhooks=sum(gateway in gateways for gateway in self._posts.values()),
            deliveries=sum(process in (consumer, server) for consumer, _, server in self._held.values()),
        )
