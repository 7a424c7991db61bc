"""All commands of `facebook-connector`, in the order in which `--help` lists them."""

from __future__ import annotations

import typer

from connector_cli import (
    audit,
    backup,
    channels,
    dead_letters,
    erase,
    messages,
    quarantine,
    replay,
    sandbox,
    send,
    services,
    stats,
    subscriptions,
    tail,
    up,
    version,
)
from connector_cli.demo import command as demo

SERVE = "Run it"
USE = "Use it"
TRY = "Try it"

app = typer.Typer(
    name="facebook-connector",
    help="Connects a contact centre to its customers on Facebook Messenger.",
    epilog="Settings are environment variables FBC_… or lines of .env in the working directory; `COMMAND --help` names"
    " those of a command.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command(rich_help_panel=SERVE)(up.up)
app.command(rich_help_panel=SERVE)(services.server)
app.command(rich_help_panel=SERVE)(services.gateway)
app.command(rich_help_panel=SERVE)(services.bridge)
app.command(rich_help_panel=SERVE)(services.migrate)
app.command(rich_help_panel=SERVE)(backup.backup)
app.command(rich_help_panel=SERVE)(backup.restore)
app.add_typer(channels.app, name="channels", rich_help_panel=USE)
app.command(rich_help_panel=USE)(tail.tail)
app.command(rich_help_panel=USE)(send.send)
app.add_typer(messages.app, name="messages", rich_help_panel=USE)
app.add_typer(subscriptions.app, name="subscriptions", rich_help_panel=USE)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=USE)
app.command(rich_help_panel=USE)(replay.replay)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=USE)
app.command(rich_help_panel=USE)(erase.erase)
app.command(rich_help_panel=USE)(audit.audit)
app.command(rich_help_panel=USE)(stats.stats)
app.command(rich_help_panel=TRY)(demo.demo)
app.command(rich_help_panel=TRY)(sandbox.sandbox)
app.command(rich_help_panel=TRY)(version.version)
