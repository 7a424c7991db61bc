"""`facebook-connector stats`: how the installation is doing."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from typing import Annotated

import typer

from connector_cli.operation_options import Json
from connector_cli.printing import print_json, print_table


def stats(
    *,
    subscription: Annotated[str, typer.Option(metavar="NAME", help="Only this subscription.")] = "",
    json: Json = False,
) -> None:
    """Shows the figures of now: backlog, streams, what waits to be sent, quarantine.

    Totals count since the start of the server that answers; everything else
    holds for the installation. The figure to alarm on is the age of the
    oldest message that `ccm` has not acknowledged. For monitoring there is
    /metrics (FBC_METRICS_LISTEN).

    Example: facebook-connector stats --json | jq '.subscriptions[].backlog_messages'

    Settings: FBC_SERVER (default 127.0.0.1:50051), FBC_TOKEN (role
    operator), FBC_SERVER_CA.
    """
    from connector_cli import stats_views as views
    from connector_cli.operation_calls import ask

    answer = ask("stats", lambda calls: calls.statistics(subscription))
    if json:
        print_json(answer)
        return
    print_table(("", ""), views.server_rows(answer))
    print_table(views.SUBSCRIPTION_HEADER, views.subscription_rows(answer.subscriptions))
    if streams := views.stream_rows(answer.subscriptions):
        print_table(views.STREAM_HEADER, streams)
    if answer.channels:
        print_table(views.CHANNEL_HEADER, views.channel_rows(answer.channels))
