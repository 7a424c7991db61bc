"""What can be typed: `facebook-connector demo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from connector_cli.failures import needing


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Play the script, print the figures and end.")] = False,
    bridge: Annotated[
        bool, typer.Option("--bridge", help="The contact centre speaks REST, through the bridge, and no gRPC.")
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the data there; default: a temporary folder.")
    ] = None,
) -> None:
    """Shows the whole way on this machine: a customer writes, the contact centre reads and answers.

    Starts a stand-in for Facebook, the gateway, the server and a small CCM, on
    free loopback ports and with a database of its own. Plays a conversation
    with texts, pictures, a sticker, quotes, a reaction and a tap on a button,
    then lets you type as a customer; Ctrl-D ends. Needs no terminal, no
    account and no setting (it reads none), and leaves nothing behind.

    --bridge plays the same with a CCM that speaks REST and CIM JSON, as today's
    does: the bridge stands before it, and it knows nothing of gRPC.

    --once ends after the script with one line of figures, counted from the
    stand-in's journal and from what CCM acknowledged. The exit status is 0
    only if nothing was lost, refused or shown twice.

    Example: facebook-connector demo --data-dir ./demo-data
    """
    # gRPC's own remarks about connections that end would stand between the lines of the conversation.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    with needing("gateway", "sandbox", "server"):
        from connector_cli.demo import play  # noqa: PLC0415 - heavy
    play.run(once=once, bridge=bridge, data_dir=data_dir)
