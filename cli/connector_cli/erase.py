"""`facebook-connector erase`: deletes everything of a customer."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from typing import Annotated

import typer

from connector_cli.channel_options import Page
from connector_cli.operation_options import Json, Yes, confirm
from connector_cli.printing import print_json


def erase(
    page: Page,
    psid: Annotated[str, typer.Argument(metavar="PSID", help="The customer, by page-scoped id.")],
    *,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Erases a customer: everything written by them and to them. There is no way back.

    Messages with their raw bytes, dead letters, replays, what the quarantine
    holds of them, media, names; messages that wait for them are cancelled.
    Ids and hashes stay, so that a repeat of Facebook's is not taken for news.
    What CCM and Facebook hold, and backups, are out of reach. So are files
    in the File Engine, which has no call to delete: the command says how
    their names begin, for its administrator. With PostgreSQL
    the operator's VACUUM and log retention decide when the bytes leave its
    files; an embedded database is overwritten at once.

    Example: facebook-connector erase 104792690000001 7001002003004005

    Settings: FBC_SERVER (default 127.0.0.1:50051), FBC_TOKEN (role
    operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask

    confirm(f"Erase everything of customer {psid} of page {page}?", yes=yes)
    answer = ask("erase", lambda calls: calls.erase(page, psid))
    if json:
        print_json(answer)
    else:
        typer.echo(
            f"customer {psid} is erased: {answer.erased_events} events, {answer.erased_messages} messages to them,"
            f" {answer.erased_media} media"
        )
        for tag in answer.file_engine_tags:
            typer.echo(f"to be deleted in the File Engine: the file whose name begins with {tag}_")
