"""What commands print: tables, JSON, and foreign text made harmless for a terminal."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from google.protobuf.message import Message

STYLES: Mapping[str, str] = {
    "ok": "green",
    "active": "green",
    "warning": "yellow",
    "throttled": "yellow",
    "paused": "yellow",
    "failed": "bold red",
    "stopped": "bold red",
}
"""Words that are coloured where they stand alone in a cell."""

MANY_COLUMNS = 4
"""From so many columns on all of them may be wrapped."""

UNWRAPPED = 10_000
"""Width of a table that no terminal shows: a line per row, for grep and awk."""


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints aligned columns; on a terminal long cells are wrapped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(header))
    for name in header:
        # The last column takes the long texts; ids are never broken.
        table.add_column(name, overflow="fold", no_wrap=name != header[-1] and len(header) < MANY_COLUMNS)
    for row in rows:
        table.add_row(*(Text(visible(cell), style=STYLES.get(cell, "")) for cell in row))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else UNWRAPPED)
    with console.capture() as printed:
        console.print(table)
    # The cells of the last column are padded, too, and nobody wants those blanks in a file.
    typer.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))


def print_json(message: Message) -> None:
    """Prints a message on one line in protobuf's JSON form, under the contract's names; `false` and 0 are printed."""
    from google.protobuf.json_format import MessageToJson

    text = MessageToJson(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        indent=None,
        ensure_ascii=False,
    )
    typer.echo(text)


def visible(text: str) -> str:
    """The text on one line and without control characters: a customer must not steer the operator's terminal.

    Characters that reorder what stands around them (Unicode's bidi controls) are taken out too.
    """
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\r\t\u2028\u2029":
        return " "
    category = unicodedata.category(character)
    # Of the format characters (Cf) emoji need the zero-width joiner, and some scripts both joiners.
    if category in {"Cc", "Cs"} or (category == "Cf" and character not in "\u200c\u200d"):
        return ""
    return character
