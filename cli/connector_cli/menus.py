"""`facebook-connector channels menu …`: what a customer sees around the conversation."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.channel_options import Json, Page
from connector_cli.connecting import connected
from connector_cli.failures import Failure
from connector_cli.printing import print_json, print_table
from connector_cli.profile_files import read_profile, removal_of, update_of

if TYPE_CHECKING:
    from connector_cli.channel_calls import ChannelCalls
    from expertflow.connector.v1.channel_pb2 import MessengerProfile
    from expertflow.connector.v1.channel_service_pb2 import UpdateMessengerProfileRequest

app = typer.Typer(
    no_args_is_help=True,
    help="""Shows and changes the Messenger profile of a page: Get Started, greetings, ice breakers, menus, commands.

Facebook takes 10 calls in 10 minutes per page; a change takes 2 or 3.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role operator), FBC_SERVER_CA.""",
)


@app.command()
def show(page: Page, *, json: Json = False) -> None:
    """Shows the Messenger profile, as Facebook has it.

    With --json it is printed as `channels menu set` reads it.

    Example: facebook-connector channels menu show 104792690000001 --json > menu.json

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    _print(_ask(lambda calls: calls.profile(page)), json=json)


@app.command("set")
def set_profile(
    page: Page,
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON, or TOML if its name ends in .toml; - is stdin.")],
    *,
    json: Json = False,
) -> None:
    """Sets the properties that stand in a file; what does not stand there stays.

    An empty property is deleted. One entry of every list must be for the
    locale `default`. A persistent menu needs a Get Started button.

    Example: facebook-connector channels menu set 104792690000001 menu.toml

    \b
    get_started_payload = "START"
    greetings = [{ locale = "default", text = "Hello {{user_first_name}}" }]
    persistent_menus = [{ locale = "default", items = [
        { title = "Talk to us", payload = "AGENT" },
        { title = "Shop", url = "https://shop.example" },
    ] }]
    ice_breakers = [{ locale = "default", questions = [
        { question = "Where is my parcel?", payload = "PARCEL" },
    ] }]
    command_sets = [{ locale = "default", commands = [
        { name = "track", description = "Finds a parcel" },
    ] }]

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """  # noqa: D301 # \b keeps the lines of the example
    _change(update_of(page, file, read_profile(file)), json=json)


@app.command()
def clear(
    page: Page,
    properties: Annotated[
        list[str] | None, typer.Argument(metavar="[PROPERTY]...", help="What to delete.  default: everything")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Does not ask.")] = False,
    json: Json = False,
) -> None:
    """Deletes properties of the Messenger profile, or all of it.

    The properties: get_started_payload, greetings, ice_breakers,
    persistent_menus, command_sets.

    Example: facebook-connector channels menu clear 104792690000001 persistent_menus --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    request = removal_of(page, properties or [])
    if not yes:
        if not sys.stdin.isatty():
            raise Failure("there is no terminal to ask at: repeat with --yes")
        typer.confirm(f"Delete {', '.join(request.update_mask.paths)} of page {page}?", abort=True, err=True)
    _change(request, json=json)


def _change(request: UpdateMessengerProfileRequest, *, json: bool) -> None:
    profile = _ask(lambda calls: calls.change_profile(request))
    typer.echo(
        f"the Messenger profile of {request.page_id} is changed: {', '.join(request.update_mask.paths)}", err=True
    )
    _print(profile, json=json)


def _ask(work: Callable[[ChannelCalls], Awaitable[MessengerProfile]]) -> MessengerProfile:
    async def asked() -> MessengerProfile:
        from connector_cli.channel_calls import ChannelCalls

        async with connected("channels-menu") as client:
            return await work(ChannelCalls(client))

    return asyncio.run(asked())


def _print(profile: MessengerProfile, *, json: bool) -> None:
    from connector_cli.profile_views import HEADER, profile_rows

    if json:
        print_json(profile)
    elif rows := profile_rows(profile):
        print_table(HEADER, rows)
    else:
        typer.echo("the Messenger profile is empty; `channels menu set --help` shows an example")
