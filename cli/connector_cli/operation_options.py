"""The options that choose messages and dead letters, and what they mean for a call. Nothing is called here."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from connector_cli.failures import Failure

if TYPE_CHECKING:
    from expertflow.connector.v1.inbound_pb2 import EventKind
    from expertflow.connector.v1.operations_pb2 import DeadLetterFilter

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Prints JSON with the names of the API.")]
SubscriptionName: TypeAlias = Annotated[str, typer.Option("--subscription", metavar="NAME", help="Which subscription.")]
Ids: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Ids, as `dead-letters list` shows them.")
]
PageOnly: TypeAlias = Annotated[str, typer.Option("--page", metavar="PAGE_ID", help="Only of this page.")]
CustomerOnly: TypeAlias = Annotated[
    str, typer.Option("--psid", metavar="PSID", help="Only of this customer; needs --page.")
]
Since: TypeAlias = Annotated[
    str, typer.Option(metavar="TIME", help="At or after: 2026-11-30T08:00, or so long ago: 90m, 6h, 2d.")
]
Until: TypeAlias = Annotated[str, typer.Option(metavar="TIME", help="Before: in the same forms.")]
Kinds: TypeAlias = Annotated[
    str, typer.Option(metavar="KINDS", help="Kinds of events, comma separated: message, reaction, receipt, …")
]
Everything: TypeAlias = Annotated[bool, typer.Option("--all", help="All of them.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Does not ask.")]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def moment(option: str, text: str, now: datetime) -> datetime | None:
    """The time that an option names; None: it is not given. A time without a zone is that of this machine.

    Raises `Failure`.
    """
    if not text:
        return None
    if text[-1] in UNITS and text[:-1].isdigit():
        return now - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Failure(f"{option} {text}: must look like 2026-11-30T08:00, or like 90m, 6h, 2d") from None


def kinds_of(text: str) -> list[EventKind]:
    """The kinds that an option names. Raises `Failure`."""
    from expertflow.connector.v1.inbound_pb2 import EventKind

    known = {name.removeprefix("EVENT_KIND_").lower(): value for name, value in EventKind.items() if value}
    named = [kind.strip().lower() for kind in text.split(",") if kind.strip()]
    if unknown := [kind for kind in named if kind not in known]:
        raise Failure(f"--kinds {unknown[0]}: must be one of {', '.join(sorted(known))}")
    return [cast("EventKind", known[kind]) for kind in named]


def dead_letter_filter(  # noqa: PLR0913 - one for each option
    *, ids: list[str] | None, page: str, psid: str, since: str, until: str, everything: bool = False
) -> DeadLetterFilter:
    """Raises `Failure` for a time that is none."""
    from expertflow.connector.v1.operations_pb2 import DeadLetterFilter

    chosen = DeadLetterFilter(ids=ids or (), page_id=page, psid=psid, all=everything)
    now = datetime.now(UTC)
    if (start := moment("--since", since, now)) is not None:
        chosen.start_time.FromDatetime(start)
    if (end := moment("--until", until, now)) is not None:
        chosen.end_time.FromDatetime(end)
    return chosen


def confirm(question: str, *, yes: bool) -> None:
    """Asks before something that concerns many. Raises `Failure` where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure(f"{question} There is no terminal to ask at: repeat with --yes")
    typer.confirm(question, abort=True, err=True)
