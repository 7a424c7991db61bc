from __future__ import annotations

import pytest

from cim_messenger.cim_json.json_text import JsonValue, Number
from cim_messenger.inbound.fields import coordinate, elements, flag, identifier, integer, text_of, time_ms, timestamp


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        (Number("1795000000123"), 1795000000123),
        (Number("1795000000"), 1795000000000),
        ("1795000000", 1795000000000),
        (" 1795000000123 ", 1795000000123),
        (Number("1795000000123.0"), 1795000000123),
        (Number("999999999999"), None),
        (Number("253402300799999"), 253402300799999),
        (Number("253402300800000"), None),
        (Number("0"), None),
        (Number("-5"), None),
        (Number("1e12"), None),
        (Number("9" * 40), None),
        ("soon", None),
        ("١٧٩٥٠٠٠٠٠٠", None),
        (None, None),
        (True, None),
        ({}, None),
    ],
)
def test_times_in_all_their_forms(value: JsonValue, milliseconds: int | None) -> None:
    assert time_ms(value) == milliseconds


def test_a_moment_for_protobuf() -> None:
    moment = timestamp(1795000000123)

    assert moment is not None
    assert moment.ToMilliseconds() == 1795000000123
    assert timestamp(None) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Number("24680135791113151"), "24680135791113151"),
        (" 7 ", "7"),
        ("a\x00b\ud83d", "a\ufffdb\ufffd"),
        (None, ""),
        (False, ""),
        (["7"], ""),
    ],
)
def test_ids_are_text_however_they_come(value: JsonValue, found: str) -> None:
    assert identifier(value) == found


def test_text_keeps_its_blanks() -> None:
    assert text_of("  a \n") == "  a \n"


@pytest.mark.parametrize(
    ("value", "number"), [(Number("7"), 7), ("37", 37), ("+1", 1), ("-1", -1), ("7.5", None), ("", None), (None, None)]
)
def test_whole_numbers(value: JsonValue, number: int | None) -> None:
    assert integer(value) == number


@pytest.mark.parametrize(
    ("value", "degrees"),
    [(Number("52.5"), 52.5), ("-52.5", -52.5), ("nan", None), ("inf", None), (Number("90.1"), None), (None, None)],
)
def test_coordinates(value: JsonValue, degrees: float | None) -> None:
    assert coordinate(value, 90.0) == degrees


@pytest.mark.parametrize(
    ("value", "true"), [(True, True), ("true", True), (" TRUE", True), ("1", False), (None, False)]
)
def test_flags(value: JsonValue, true: bool) -> None:
    assert flag(value) is true


@pytest.mark.parametrize(("value", "found"), [([1, None], [1]), (None, []), ({"a": 1}, [{"a": 1}]), ("x", ["x"])])
def test_lists(value: JsonValue, found: list[JsonValue]) -> None:
    assert elements(value) == found
