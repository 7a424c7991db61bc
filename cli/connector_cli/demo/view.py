"""Shows both sides: customers on the left, the contact centre on the right; plain lines where no terminal is."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector_cli.printing import visible

WIDEST = 120
READING_S = 1.0
SHOWN = 220
"""Characters of a text that are shown; the rest is counted."""

LEFT, RIGHT = "customers", "contact centre"


class View:
    """Prints what happens, in the order in which it happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, WIDEST)

    def heading(self) -> None:
        """Names the two sides."""
        if self._console.is_terminal:
            self._row(Text("Facebook Messenger", "bold blue"), Text("Contact centre (CCM)", "bold green"))

    async def let_read(self) -> None:
        """Gives a person at a terminal the time to read a scene."""
        if self._console.is_terminal:
            await asyncio.sleep(READING_S)

    def caption(self, text: str) -> None:
        """What comes next."""
        self._console.print()
        self._say(f"── {text}", "bold")

    def note(self, text: str) -> None:
        """Something beside the conversation."""
        self._say(text, "dim")

    def trouble(self, text: str) -> None:
        """Something that should not be."""
        self._say(visible(text), "bold red")

    def customer_acts(self, name: str, verb: str, text: str, *, quoting: str = "") -> None:
        """A customer wrote, sent, tapped or reacted."""
        self._left(f"{name} {verb}", text, quoting)

    def customer_sees(self, name: str, text: str, *, quoting: str = "") -> None:
        """A message arrived at a customer."""
        self._left(f"{name} sees", text, quoting)

    def agent_reads(self, name: str, text: str, *, quoting: str = "") -> None:
        """A message arrived at the contact centre."""
        self._right(f"from {name}", text, quoting)

    def agent_answers(self, name: str, text: str, *, quoting: str = "") -> None:
        """The contact centre wrote."""
        self._right(f"to {name}", text, quoting)

    def _left(self, what: str, text: str, quoting: str = "") -> None:
        if self._console.is_terminal:
            self._row(_bubble(what, text, quoting, "blue"), Text())
        else:
            self._line(LEFT, what, text, quoting)

    def _right(self, what: str, text: str, quoting: str = "") -> None:
        if self._console.is_terminal:
            self._row(Text(), _bubble(what, text, quoting, "green"))
        else:
            self._line(RIGHT, what, text, quoting)

    def _row(self, left: Text, right: Text) -> None:
        half = (self._width - 3) // 2
        table = Table.grid(padding=(0, 1))
        for _ in range(2):
            table.add_column(width=half, overflow="fold")
        table.add_row(left, right)
        self._console.print(table)

    def _line(self, side: str, what: str, text: str, quoting: str) -> None:
        quoted = f" (quoting: {_cut(quoting)})" if quoting else ""
        self._say(f"{side:<14}  {what}: {_cut(text)}{quoted}", "")

    def _say(self, text: str, style: str) -> None:
        # A line stays a line: whoever reads a pipe or a log searches in it.
        self._console.print(Text(text, style), soft_wrap=not self._console.is_terminal)


def _bubble(what: str, text: str, quoting: str, colour: str) -> Text:
    bubble = Text()
    bubble.append(f"{what}: ", f"bold {colour}")
    if quoting:
        bubble.append(f"↩ “{_cut(quoting)}” ", "dim italic")
    bubble.append(_cut(text))
    return bubble


def _cut(text: str) -> str:
    line = visible(text)
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}… ({len(text)} characters)"
