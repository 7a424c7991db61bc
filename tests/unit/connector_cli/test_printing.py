from __future__ import annotations

import json

import pytest

from connector_cli.printing import print_json, print_table, visible
from expertflow.connector.v1.channel_pb2 import Channel


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\r\n\tand a tab", "two lines   and a tab"),
        ("\x1b[31mred\x1b]0;title\x07\x9b2J", "[31mred]0;title2J"),
        ("\u202eright to left\u202c \u2066isolate\u2069", "right to left isolate"),
        ("para\u2029graph", "para graph"),
        ("мир שלום नमस्ते 👩‍👩‍👧", "мир שלום नमस्ते 👩‍👩‍👧"),
    ],
)
def test_foreign_text_cannot_steer_a_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_in_a_pipe_a_table_has_a_line_for_each_row_however_long_and_no_blanks_at_its_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(
        ("CHECK", "STATE", "FOUND"), [("page", "ok", "word " * 60), ("token", "failed", "[bold]sho\x1b[31mrt[/]")]
    )

    header, first, second = capsys.readouterr().out.splitlines()
    assert header == "CHECK  STATE   FOUND"
    assert first == "page   ok      " + ("word " * 60).rstrip()
    assert second == "token  failed  [bold]sho[31mrt[/]"


def test_a_table_without_names_has_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("", ""), [("page", "1"), ("state", "active")])

    assert capsys.readouterr().out.splitlines() == ["page   1", "state  active"]


def test_json_is_one_line_with_the_names_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(Channel(page_id="1", tenant_id="мир"))

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["human_agent_enabled"] is False
    assert '"tenant_id": "мир"' in line
