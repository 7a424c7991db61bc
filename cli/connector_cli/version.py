"""`facebook-connector version`: what is installed."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

import typer

PROTOS = "expertflow.connector.v1"


def version() -> None:
    """Shows the versions of the connector, its protos, Python and gRPC."""
    rows = {
        "facebook-connector": installed("facebook-connector"),
        "protos": PROTOS,
        "python": platform.python_version(),
        "grpcio": installed("grpcio"),
        "protobuf": installed("protobuf"),
    }
    for name, value in rows.items():
        typer.echo(f"{name:<20}{value}")
