from __future__ import annotations

import io

from rich.console import Console

from connector_cli.demo.view import View


class Screen:
    def __init__(self, *, terminal: bool) -> None:
        self._file = io.StringIO()
        console = Console(file=self._file, force_terminal=terminal, width=80, color_system=None, highlight=False)
        self.view = View(console)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._file.getvalue().splitlines()]


def test_without_a_terminal_each_event_is_one_plain_line() -> None:
    screen = Screen(terminal=False)
    screen.view.heading()
    screen.view.customer_acts("Amina", "writes", "Hello 👋")
    screen.view.agent_reads("Amina", "Hello 👋", quoting="Hi")
    screen.view.agent_answers("Amina", "Hi! " * 40, quoting="Hello 👋")
    screen.view.customer_sees("Amina", "Hi!")

    assert screen.lines == [
        "customers       Amina writes: Hello 👋",
        "contact centre  from Amina: Hello 👋 (quoting: Hi)",
        f"contact centre  to Amina: {'Hi! ' * 40} (quoting: Hello 👋)",
        "customers       Amina sees: Hi!",
    ]


def test_on_a_terminal_customers_are_left_and_the_contact_centre_right() -> None:
    screen = Screen(terminal=True)
    screen.view.heading()
    screen.view.customer_acts("Amina", "writes", "Hello")
    screen.view.agent_reads("Amina", "Hello")

    heading, left, right = screen.lines
    assert heading.index("Contact centre") == right.index("from Amina: Hello") == 39
    assert left == "Amina writes: Hello"


def test_a_long_text_is_cut_and_counted() -> None:
    screen = Screen(terminal=False)
    screen.view.customer_sees("Amina", "x" * 2500)

    assert screen.lines == [f"customers       Amina sees: {'x' * 220}… (2500 characters)"]


def test_a_customer_cannot_steer_the_terminal() -> None:
    screen = Screen(terminal=True)
    screen.view.customer_acts("Amina", "writes", "\x1b[2Jgone [red]and[/red]")
    screen.view.trouble("\x1b[2Jworse")

    assert screen.lines == ["Amina writes: [2Jgone [red]and[/red]", "[2Jworse"]
