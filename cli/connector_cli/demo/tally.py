"""What the demo counts: the sandbox's journal against what CCM acknowledged and had accepted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from messenger_sandbox import Entry, EntryKind

HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The figures of a run."""

    webhooks: int
    """Posts that got a 200, repeats and echoes included."""
    acknowledged: int
    """Messages of customers that CCM acknowledged."""
    delivered: int
    """Replies all of whose parts the customer has seen."""
    lost: int
    """Messages that got a 200 and were never acknowledged, and accepted replies that the customer has not seen."""
    refused: int
    """Messages that never got a 200."""
    repeated: int
    """Messages a customer saw that stand for no accepted reply: shown twice, or from elsewhere."""

    @property
    def good(self) -> bool:
        """Whether everything is as promised."""
        return not (self.lost or self.refused or self.repeated)

    @property
    def complaints(self) -> list[str]:
        """What is wrong and does not stand in the figures."""
        said = {
            f"{self.refused} messages of customers never got a 200": self.refused,
            f"{self.repeated} messages reached customers that stand for no reply": self.repeated,
        }
        return [complaint for complaint, count in said.items() if count]

    def __str__(self) -> str:
        return (
            f"demo: {self.webhooks} webhooks in, {self.acknowledged} events acknowledged,"
            f" {self.delivered} replies delivered, {self.lost} lost"
        )


def tally(entries: Iterable[Entry], acknowledged: AbstractSet[str], accepted: Mapping[str, tuple[str, ...]]) -> Tally:
    """Counts. `acknowledged` holds mids; `accepted` the ids of replies, each with the mids that it became."""
    entries = tuple(entries)
    webhooks = posts(entries)
    written = {entry.mid for entry in entries if entry.kind is EntryKind.PERSON_ACTED and entry.mid}
    answered_200 = written & {mid for post in webhooks for mid in mids_of(post)}
    seen = {entry.mid for entry in entries if entry.kind is EntryKind.SEND_TAKEN}
    delivered = [mids for mids in accepted.values() if mids and seen.issuperset(mids)]
    return Tally(
        webhooks=len(webhooks),
        acknowledged=len(written & acknowledged),
        delivered=len(delivered),
        lost=len(answered_200 - acknowledged) + len(accepted) - len(delivered),
        refused=len(written - answered_200),
        repeated=len(seen - {mid for mids in accepted.values() for mid in mids}),
    )


def posts(entries: Iterable[Entry]) -> list[Entry]:
    """The webhooks that got a 200."""
    return [entry for entry in entries if entry.kind is EntryKind.WEBHOOK_POSTED and entry.details["status"] == HTTP_OK]


def mids_of(post: Entry) -> set[str]:
    """The messages in one webhook."""
    return {event["mid"] for event in post.details["events"] if event["mid"]}
