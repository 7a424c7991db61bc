"""`facebook-connector channels …`: sets up the Facebook Pages that a server serves."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from connector_cli import channel_pull, menus
from connector_cli.channel_options import (
    AllowCustom,
    AllowUnsigned,
    AppId,
    DefaultPrompt,
    EditedMarker,
    GraphVersion,
    HumanAgent,
    Json,
    Page,
    SecretsFrom,
    Tenant,
    WantedFields,
    channel_of,
    given,
    update_of,
)
from connector_cli.channel_secrets import (
    APP_SECRET,
    KINDS,
    PAGE_ACCESS_TOKEN,
    VERIFY_TOKEN,
    as_message,
    gather,
    read_secrets,
)
from connector_cli.connecting import connected, explain
from connector_cli.failures import Failure
from connector_cli.printing import print_json, print_table

if TYPE_CHECKING:
    from connector_cli.channel_calls import ChannelCalls
    from expertflow.connector.v1.channel_service_pb2 import CheckChannelResponse, SubscribeChannelResponse

T = TypeVar("T")

NEXT_STEP = (
    "next, at Facebook under Messenger API settings, Configure webhooks: callback URL"
    " https://<your public address>/webhook, your verify token, and the fields above"
)

app = typer.Typer(
    no_args_is_help=True,
    help="""Sets up the Facebook Pages that the connector serves.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role operator), FBC_SERVER_CA.""",
)
app.add_typer(menus.app, name="menu")
app.command()(channel_pull.pull)


@app.command()
def add(  # noqa: PLR0913 - one for each option
    page: Page,
    *,
    app_id: AppId = None,
    tenant: Tenant = None,
    graph_version: GraphVersion = None,
    human_agent: HumanAgent = None,
    allow_unsigned: AllowUnsigned = None,
    wanted_fields: WantedFields = None,
    secrets_from: SecretsFrom = "",
    json: Json = False,
) -> None:
    """Adds a page: stores its secrets sealed, subscribes it at Facebook, and checks everything.

    The secrets are asked for without showing them: page access token, app
    secret, and the verify token, which you choose yourself. Or they come
    from FBC_PAGE_ACCESS_TOKEN, FBC_APP_SECRET and FBC_VERIFY_TOKEN in the
    environment, or as lines of these names by --secrets-from. Never type
    them as arguments.

    Example: facebook-connector channels add 104792690000001 --app-id 555000111222333

    Exit status 0: the channel works, perhaps with warnings. 1: it does not.

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    settings = given(
        app_id=app_id,
        tenant_id=tenant,
        graph_version=graph_version,
        human_agent_enabled=human_agent,
        allow_unsigned=allow_unsigned,
        wanted_fields=wanted_fields,
    )
    secrets = gather(KINDS, read_secrets(secrets_from) if secrets_from else {})

    async def added(calls: ChannelCalls) -> CheckChannelResponse:
        from connector_client import ConnectorError

        await calls.create(channel_of(page, settings), as_message(secrets))
        typer.echo(f"channel {page} is stored", err=json)
        try:
            _show_subscription(await calls.subscribe(page), err=json)
        except ConnectorError as error:
            # The channel exists now; the check says best what is wrong with it.
            typer.echo(f"not subscribed: {explain(error, 'the server')}", err=True)
        return await calls.check(page)

    _show_check(page, _ask(added), json=json)
    typer.echo(NEXT_STEP, err=json)


@app.command("list")
def list_channels(
    *, tenant: Annotated[str, typer.Option(help="Only channels of this tenant.")] = "", json: Json = False
) -> None:
    """Lists all channels: state, app, and which secrets are missing.

    Example: facebook-connector channels list --json | jq -r '.channels[].page_id'

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import channel_views as views

    answer = _ask(lambda calls: calls.all(tenant))
    if json:
        print_json(answer)
    elif answer.channels:
        print_table(views.LIST_HEADER, views.list_rows(answer.channels))
    else:
        typer.echo("no channels; add one with `facebook-connector channels add PAGE_ID --app-id APP_ID`")


@app.command()
def show(page: Page, *, json: Json = False) -> None:
    """Shows all settings of a channel.

    Its secrets are never shown, only whether they are set.

    Example: facebook-connector channels show 104792690000001

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import channel_views as views

    channel = _ask(lambda calls: calls.get(page))
    if json:
        print_json(channel)
    else:
        print_table(("", ""), views.channel_rows(channel))


@app.command()
def update(  # noqa: PLR0913 - one for each option
    page: Page,
    *,
    app_id: AppId = None,
    tenant: Tenant = None,
    graph_version: GraphVersion = None,
    human_agent: HumanAgent = None,
    allow_custom: AllowCustom = None,
    allow_unsigned: AllowUnsigned = None,
    edited_marker: EditedMarker = None,
    default_prompt: DefaultPrompt = None,
    wanted_fields: WantedFields = None,
    new_page_access_token: Annotated[bool, typer.Option("--new-page-access-token", help="Asks for a new one.")] = False,
    new_app_secret: Annotated[
        bool, typer.Option("--new-app-secret", help="Asks for a new one, or for two while you change it: new,old.")
    ] = False,
    new_verify_token: Annotated[bool, typer.Option("--new-verify-token", help="Asks for a new one.")] = False,
    secrets_from: SecretsFrom = "",
    reset: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Back to the default, by its name in the API; removes a secret."),
    ] = None,
    json: Json = False,
) -> None:
    """Changes settings or secrets of a channel; what is not named stays as it is.

    A new page access token resumes a channel that was stopped; the right app
    secret one that was stopped because Facebook refused it.
    Secrets are asked for without showing them, or come from
    FBC_PAGE_ACCESS_TOKEN, FBC_APP_SECRET and FBC_VERIFY_TOKEN, or by
    --secrets-from, where every one that is named is changed.

    Example: facebook-connector channels update 104792690000001 --new-page-access-token

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    settings = given(
        app_id=app_id,
        tenant_id=tenant,
        graph_version=graph_version,
        human_agent_enabled=human_agent,
        allow_custom=allow_custom,
        allow_unsigned=allow_unsigned,
        edited_marker=edited_marker,
        default_prompt=default_prompt,
        wanted_fields=wanted_fields,
    )
    asked = {PAGE_ACCESS_TOKEN: new_page_access_token, APP_SECRET: new_app_secret, VERIFY_TOKEN: new_verify_token}
    kinds = [kind for kind, wanted in asked.items() if wanted]
    secrets = read_secrets(secrets_from) if secrets_from else {}
    if kinds:
        secrets = gather(kinds, secrets)
    if unanswered := [kind.field for kind in kinds if not secrets.get(kind)]:
        raise Failure(f"nothing was entered; --reset secrets.{unanswered[0]} removes it")
    request = update_of(page, settings, secrets, reset or [])
    channel = _ask(lambda calls: calls.update(request))
    if json:
        print_json(channel)
    else:
        typer.echo(f"channel {page} is changed: {', '.join(request.update_mask.paths)}")


@app.command()
def remove(
    page: Page,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Does not ask.")] = False,
    json: Json = False,
) -> None:
    """Removes a channel with its secrets.

    Messages to customers that still wait fail. What was received stays and is
    delivered; new webhooks of the page are quarantined. Facebook goes on to
    send them until you end the page's subscription there.

    Example: facebook-connector channels remove 104792690000001 --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    if not yes:
        if not sys.stdin.isatty():
            raise Failure("there is no terminal to ask at: repeat with --yes")
        typer.confirm(f"Remove channel {page} with its secrets?", abort=True, err=True)
    answer = _ask(lambda calls: calls.delete(page))
    if json:
        print_json(answer)
    else:
        typer.echo(f"channel {page} is removed; {answer.failed_messages} waiting messages failed")


@app.command()
def subscribe(page: Page, *, json: Json = False) -> None:
    """Subscribes the page at Facebook to all wanted webhook fields.

    May be repeated at any time. A field that Facebook refuses is named, and
    the others are subscribed.

    Example: facebook-connector channels subscribe 104792690000001

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    answer = _ask(lambda calls: calls.subscribe(page))
    if json:
        print_json(answer)
    else:
        _show_subscription(answer, err=False)


@app.command()
def check(page: Page, *, json: Json = False) -> None:
    """Asks Facebook what a channel lacks, and says what does not work without it.

    Looks at tokens, permissions, webhook subscription and fields, and changes
    nothing. Exit status 0: the channel works, perhaps with warnings. 1: it
    cannot send, or cannot receive.

    Example: facebook-connector channels check 104792690000001

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    _show_check(page, _ask(lambda calls: calls.check(page)), json=json)


def _ask(work: Callable[[ChannelCalls], Awaitable[T]]) -> T:
    async def asked() -> T:
        from connector_cli.channel_calls import ChannelCalls

        async with connected("channels") as client:
            return await work(ChannelCalls(client))

    return asyncio.run(asked())


def _show_subscription(answer: SubscribeChannelResponse, *, err: bool) -> None:
    from connector_cli import channel_views as views

    for line in views.subscription_lines(answer):
        typer.echo(line, err=err)


def _show_check(page: str, answer: CheckChannelResponse, *, json: bool) -> None:
    """Ends the command with status 1 if the channel does not work."""
    from connector_cli import channel_views as views

    if json:
        print_json(answer)
    else:
        print_table(views.CHECK_HEADER, views.check_rows(answer.checks))
        typer.echo(views.verdict(page, answer))
    if answer.state not in views.PASSING:
        raise typer.Exit(1)
