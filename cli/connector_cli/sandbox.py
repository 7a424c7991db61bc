"""`facebook-connector sandbox`: a stand-in for Facebook, for trials and tests without one."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.failures import Failure, failing_on, needing
from service_runtime.listen import Address, ListenError

if TYPE_CHECKING:
    from messenger_sandbox import Person, RunningSandbox, SandboxConfig, ScriptedFault

PEOPLE = ("7001002003004005:Amina Khan", "7001002003004006:Олег Петров")
"""The customers of a sandbox that is told of none."""

LISTEN = "127.0.0.1:8090"
PAGE_ID = "104792690000001"
PAGE_TOKEN = "sandbox-page-token"  # noqa: S105 - guards nothing
APP_ID = "555000111222333"
APP_SECRET = "sandbox-app-secret"  # noqa: S105 - likewise
VERIFY_TOKEN = "sandbox-verify-token"  # noqa: S105 - likewise


def sandbox(  # noqa: PLR0913 - one for each option
    *,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where its Graph API listens; port 0: a free one.")
    ] = LISTEN,
    page: Annotated[str, typer.Option(metavar="PAGE_ID", help="The page it has.")] = PAGE_ID,
    page_token: Annotated[str, typer.Option(help="The page's access token.")] = PAGE_TOKEN,
    app_id: Annotated[str, typer.Option(help="The app it has.")] = APP_ID,
    app_secret: Annotated[str, typer.Option(help="Signs webhooks.")] = APP_SECRET,
    verify_token: Annotated[str, typer.Option(help="Sent in the handshake.")] = VERIFY_TOKEN,
    person: Annotated[
        list[str] | None, typer.Option(metavar="PSID:NAME", help="A customer; repeat for more.  default: two")
    ] = None,
    callback: Annotated[str, typer.Option(metavar="URL", help="Where it posts webhooks.")] = (
        "http://127.0.0.1:8080/webhook"
    ),
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What goes wrong: TOML or JSON, see docs/sandbox.md.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Appends all it sends and receives to this file.")] = None,
) -> None:
    """Runs a stand-in for Facebook: Graph API, signed webhooks, people.

    It knows one app, one page and a few customers, refuses what Facebook
    refuses, and repeats a webhook that gets no 200. Its secrets are invented
    and guard nothing. When it runs it prints how to connect `up` with it and
    how to let a customer write. `up --sandbox` does both at once.

    Example: facebook-connector sandbox --person 7001002003004005:Amina

    Settings: none.
    """
    with needing("sandbox"):
        from messenger_sandbox import Page, SandboxConfig, run
    with failing_on(ValueError):
        address = address_of(listen, "--listen")
        config = SandboxConfig(
            app_id=app_id,
            app_secret=app_secret,
            verify_token=verify_token,
            host=address.host,
            port=address.port,
            callback_url=callback,
            pages=(Page(page_id=page, token=page_token),),
            people=tuple(person_of(text, page) for text in person or PEOPLE),
            faults=() if faults is None else faults_of(faults),
            journal_file=journal,
        )
    try:
        asyncio.run(run(config, announce=lambda running: typer.echo(introduction(config, running))))
    except OSError as error:
        raise Failure(
            f"the sandbox cannot start: {error.filename or f'--listen {listen}'}: {error.strerror}"
        ) from error


def address_of(listen: str, option: str) -> Address:
    """Reads the value of an option. Raises `Failure`."""
    try:
        return Address.parse(listen)
    except ListenError as error:
        raise Failure(f"{option}: {error}") from error


def person_of(text: str, page_id: str) -> Person:
    """Reads `PSID` or `PSID:NAME`. Raises `Failure`."""
    from messenger_sandbox import Person

    psid, _, name = text.partition(":")
    if not psid.isdecimal():
        raise Failure(f"--person {text}: must be PSID:NAME, the PSID in digits")
    first, _, last = name.strip().partition(" ")
    return Person(psid=psid, page_id=page_id, first_name=first or "Somebody", last_name=last)


def faults_of(file: Path) -> tuple[ScriptedFault, ...]:
    """Reads a faults file. Raises `Failure`, which names what is wrong in it."""
    from messenger_sandbox import FaultRuleError, read_faults_file

    try:
        return read_faults_file(file)
    except OSError as error:
        raise Failure(f"--faults {file}: {error.strerror}") from error
    except FaultRuleError as error:
        raise Failure(f"--faults {error}") from error


def introduction(config: SandboxConfig, running: RunningSandbox) -> str:
    """What it is, and the commands that make use of it."""
    (page,), (somebody, *_) = running.world.pages, running.world.people
    people = ", ".join(f"{person.psid} ({person.name})" for person in running.world.people)
    return f"""\
Graph API  {running.base_url}
webhooks   {config.callback_url}
app        {config.app_id}
page       {page.page_id}
people     {people}
connect to it:
  FBC_GRAPH_URL={running.base_url} FBC_MEDIA_ORIGINS={running.base_url} facebook-connector up
  FBC_PAGE_ACCESS_TOKEN={page.token} FBC_APP_SECRET={config.app_secret} FBC_VERIFY_TOKEN={config.verify_token} \\
    facebook-connector channels add {page.page_id} --app-id {config.app_id}
let somebody write:
  curl -d '{{"text": "hello"}}' {running.base_url}/_sandbox/people/{somebody.psid}/says
Ctrl-C ends it"""
