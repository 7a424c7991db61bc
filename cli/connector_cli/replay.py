"""`facebook-connector replay`: has stored messages delivered again."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from connector_cli.failures import Failure
from connector_cli.operation_options import (
    CustomerOnly,
    Json,
    Kinds,
    PageOnly,
    SubscriptionName,
    Until,
    Yes,
    confirm,
    kinds_of,
    moment,
)
from connector_cli.printing import print_json


def replay(  # noqa: PLR0913 - one for each option
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Stored at or after: 2026-11-30T08:00, or so long ago: 90m, 6h, 2d.")
    ],
    until: Until = "",
    subscription: SubscriptionName = "ccm",
    page: PageOnly = "",
    psid: CustomerOnly = "",
    kinds: Kinds = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delivers stored messages again, acknowledged or not, with unchanged ids.

    They come with origin REPLAY before what waits in their conversations.
    Messages are kept for 7 days after their acknowledgement. Asks, unless it
    is for one customer or --yes is given.

    Example: facebook-connector replay --since 6h --page 104792690000001 --psid 7081234567890123

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import ReplayInboundRequest

    now = datetime.now(UTC)
    request = ReplayInboundRequest(subscription=subscription, page_id=page, psid=psid, kinds=kinds_of(kinds))
    if (start := moment("--since", since, now)) is None:
        raise Failure("--since: must be a time, or a length of time")
    request.start_time.FromDatetime(start)
    if (end := moment("--until", until, now)) is not None:
        request.end_time.FromDatetime(end)
    whose = f"of page {page}" if page else "of all pages"
    confirm(
        f"Deliver all messages {whose} since {start:%Y-%m-%d %H:%M} UTC again to {subscription}?", yes=yes or bool(psid)
    )
    answer = ask("replay", lambda calls: calls.replay(request))
    if json:
        print_json(answer)
    else:
        typer.echo(f"{answer.replayed_count} messages are delivered again")
