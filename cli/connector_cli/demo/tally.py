"""What the demo counts: the sandbox's journal against what CCM acknowledged and had accepted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from connector_cli.demo.deeds import is_deed
from messenger_sandbox import Entry, EntryKind

HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The figures of a run."""

    webhooks: int
    """Posts that got a 200, repeats and echoes included."""
    acknowledged: int
    """Messages, taps and reactions of customers that CCM acknowledged."""
    delivered: int
    """Replies all of whose parts the customer has seen."""
    lost: int
    """What got a 200 and was never acknowledged, and accepted replies that the customer has not seen."""
    refused: int
    """What never got a 200."""
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
    """Counts. `acknowledged` holds names of events; `accepted` the ids of replies, each with the mids it became."""
    entries = tuple(entries)
    webhooks = posts(entries)
    written = {event_name(entry.mid, entry.psid) for entry in entries if is_deed(entry)}
    answered_200 = written & {name for post in webhooks for name in names_in(post)}
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


def seen_of(entries: Iterable[Entry], replies: AbstractSet[str]) -> dict[str, tuple[str, ...]]:
    """The mids that each reply became, one for each of its parts; a part that was seen again stands for no reply."""
    found: dict[str, dict[str, str]] = {reply: {} for reply in replies}
    for entry in entries:
        if entry.kind is EntryKind.SEND_TAKEN and (reply := reply_of(entry)) in found:
            found[reply].setdefault(str(entry.details["metadata"]), entry.mid or "")
    return {reply: tuple(parts.values()) for reply, parts in found.items()}


def reply_of(entry: Entry) -> str:
    """The id of the reply that a send is a part of, by the metadata that every send carries: `…:<id>:<part>`."""
    return str(entry.details.get("metadata") or "").rpartition(":")[0].rpartition(":")[2]


def posts(entries: Iterable[Entry]) -> list[Entry]:
    """The webhooks that got a 200."""
    return [entry for entry in entries if entry.kind is EntryKind.WEBHOOK_POSTED and entry.details["status"] == HTTP_OK]


def names_in(post: Entry) -> set[str]:
    """The events in one webhook."""
    return {event_name(event["mid"], event["psid"]) for event in post.details["events"]}


def event_name(mid: str | None, psid: str | None) -> str:
    """What an event goes by at both ends: its mid; a reaction, which has none, by its author, who reacts but once."""
    return mid or f"reaction of {psid}"
