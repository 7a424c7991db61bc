"""`facebook-connector dead-letters …`: messages that a subscription gave up."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.failures import Failure
from connector_cli.operation_options import (
    CustomerOnly,
    Everything,
    Ids,
    Json,
    PageOnly,
    Since,
    SubscriptionName,
    Until,
    Yes,
    confirm,
    dead_letter_filter,
)
from connector_cli.printing import print_json, print_table

if TYPE_CHECKING:
    from expertflow.connector.v1.operations_pb2 import DeadLetterFilter

NOTHING_CHOSEN = "say which: ids, --page, --psid, --since or --until, or --all for every one"

app = typer.Typer(
    no_args_is_help=True,
    help="""Looks at messages that a subscription gave up, sends them again, or discards them.

A message is given up after 10 counted attempts and 15 minutes, while others
are processed. Nothing of it is lost until it is discarded.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role operator), FBC_SERVER_CA.""",
)


@app.command("list")
def list_dead_letters(  # noqa: PLR0913 - one for each option
    *,
    subscription: SubscriptionName = "ccm",
    page: PageOnly = "",
    psid: CustomerOnly = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="Shows no more than so many, the oldest.")] = 100,
    json: Json = False,
) -> None:
    """Lists dead letters, oldest first, without what customers wrote.

    Example: facebook-connector dead-letters list --since 2d

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import operation_views as views
    from connector_cli.operation_calls import ask

    chosen = dead_letter_filter(ids=None, page=page, psid=psid, since=since, until=until)
    answer = ask("dead-letters", lambda calls: calls.dead_letters(subscription, chosen, limit))
    if json:
        print_json(answer)
        return
    if not answer.dead_letters:
        typer.echo(f"subscription {subscription} has no such dead letters")
        return
    print_table(views.DEAD_LETTER_HEADER, views.dead_letter_rows(answer.dead_letters))
    if answer.next_page_token:
        typer.echo(f"there are more: --limit {limit} is reached", err=True)


@app.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help="Id, as `dead-letters list` shows it.")],
    *,
    subscription: SubscriptionName = "ccm",
    json: Json = False,
) -> None:
    """Shows one dead letter with its message: what a customer wrote.

    Example: facebook-connector dead-letters show 17

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import operation_views as views
    from connector_cli.operation_calls import ask

    chosen = dead_letter_filter(ids=[letter], page="", psid="", since="", until="")
    answer = ask("dead-letters", lambda calls: calls.dead_letters(subscription, chosen, 1))
    if not answer.dead_letters:
        raise Failure(f"subscription {subscription} has no dead letter {letter}: see `dead-letters list`")
    if json:
        print_json(answer.dead_letters[0])
    else:
        print_table(("", ""), views.one_dead_letter(answer.dead_letters[0]))


@app.command()
def redrive(  # noqa: PLR0913 - one for each option
    ids: Ids = None,
    *,
    subscription: SubscriptionName = "ccm",
    page: PageOnly = "",
    psid: CustomerOnly = "",
    since: Since = "",
    until: Until = "",
    everything: Everything = False,
    retranslate: Annotated[
        bool, typer.Option("--retranslate", help="Translates them anew first, from what Facebook sent.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delivers dead letters again, before what waits in their conversations.

    Says how many are meant and asks, unless ids name them or --yes is given.

    Example: facebook-connector dead-letters redrive --since 6h --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import RedriveDeadLettersRequest

    chosen = dead_letter_filter(ids=ids, page=page, psid=psid, since=since, until=until, everything=everything)
    _confirm("Redrive", subscription, chosen, yes=yes)
    request = RedriveDeadLettersRequest(subscription=subscription, filter=chosen, retranslate=retranslate)
    answer = ask("dead-letters", lambda calls: calls.redrive(request))
    if json:
        print_json(answer)
    else:
        anew = f", {answer.retranslated_count} of them translated anew" if retranslate else ""
        typer.echo(f"{answer.redriven_count} messages are delivered again{anew}")


@app.command()
def discard(  # noqa: PLR0913 - one for each option
    ids: Ids = None,
    *,
    subscription: SubscriptionName = "ccm",
    page: PageOnly = "",
    psid: CustomerOnly = "",
    since: Since = "",
    until: Until = "",
    everything: Everything = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Deletes dead letters: they count as acknowledged.

    Says how many are meant and asks, unless --yes is given.

    Example: facebook-connector dead-letters discard 17 18 --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import DiscardDeadLettersRequest

    chosen = dead_letter_filter(ids=ids, page=page, psid=psid, since=since, until=until, everything=everything)
    _confirm("Discard", subscription, chosen, yes=yes)
    request = DiscardDeadLettersRequest(subscription=subscription, filter=chosen)
    answer = ask("dead-letters", lambda calls: calls.discard(request))
    if json:
        print_json(answer)
    else:
        typer.echo(f"{answer.discarded_count} dead letters are discarded")


def _confirm(verb: str, subscription: str, chosen: DeadLetterFilter, *, yes: bool) -> None:
    from connector_cli.operation_calls import ask
    from connector_cli.operation_views import how_many
    from expertflow.connector.v1.operations_pb2 import DeadLetterFilter

    if chosen == DeadLetterFilter():
        raise Failure(NOTHING_CHOSEN)
    if yes or (verb == "Redrive" and chosen == DeadLetterFilter(ids=chosen.ids)):
        return
    found = ask("dead-letters", lambda calls: calls.dead_letters(subscription, chosen, 1000))
    confirm(f"{verb} {how_many(found)} of subscription {subscription}?", yes=False)
