from __future__ import annotations

import json

import pytest
from hypothesis import given

from cim_messenger.cim_json import CimJsonError
from cim_messenger.cim_json.json_text import MAX_DEPTH, Number, dump, is_unicode, parse
from tests.support.cim_fields import free_json
from tests.support.json_tokens import text_of, tree_of


@pytest.mark.parametrize("token", ["1", "1.0", "1.10", "1e3", "1E+3", "-0", "24680135791113151", "1e400", "9" * 5000])
def test_a_number_keeps_its_spelling(token: str) -> None:
    assert parse(token) == Number(token)
    assert dump(parse(f"[{token}]")) == f"[{token}]"


def test_of_members_of_one_name_the_last_counts() -> None:
    assert dump(parse('{"a":1,"b":2,"a":{"c":1,"c":2}}')) == '{"a":{"c":2},"b":2}'


@given(free_json)
def test_any_tree_keeps_order_tokens_and_characters(tree: object) -> None:
    written = dump(parse(text_of(tree)))
    assert text_of(tree_of(written)) == text_of(tree)
    assert written.encode()


def test_half_a_surrogate_pair_stays_an_escape_and_a_whole_one_becomes_a_character() -> None:
    assert dump(parse(r'["\ud83d", "\ud83d\udc4d"]')) == r'["\ud83d","👍"]'


@pytest.mark.parametrize(("text", "fits"), [("abc", True), ("👍 é", True), ("é\udc4d", False)])
def test_is_unicode(text: str, *, fits: bool) -> None:
    assert is_unicode(text) is fits


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "nul", "{", "[1,]", '{"a":}', "{'a':1}", "01", "+1", ".5", "1.", "0x1", "1 2", '"a', '"\t"', '"\\x"',
        "NaN", "[Infinity]", '{"a":-Infinity}', "// a\n1", '"\\ud83"', "\ufeff1",
    ],
)  # fmt: skip
def test_what_rfc_8259_does_not_allow_is_refused(text: str) -> None:
    with pytest.raises(CimJsonError, match=r"^\$\.entities is no JSON: ") as caught:
        parse(text, "$.entities")
    assert caught.value.path == "$.entities"
    assert caught.value.__cause__ is None


def test_an_error_holds_the_place_but_nothing_of_the_text() -> None:
    with pytest.raises(CimJsonError) as caught:
        parse('{"markdownText": "my secret",\n "b": secret}')
    assert str(caught.value) == "$ is no JSON: Expecting value, line 2 column 7"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}"), ('[{"]}":', "}]")])
def test_nesting_ends_at_the_limit(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // (opening.count("[") + opening.count("{"))
    inner = '"[{\\"["'
    assert dump(parse(opening * levels + inner + closing * levels))
    with pytest.raises(CimJsonError, match=rf"^\$ is nested deeper than {MAX_DEPTH} levels$"):
        parse(opening * (levels + 1) + inner + closing * (levels + 1))


@pytest.mark.parametrize("text", ["[" * 1_000_000, '{"a":' * 300_000, '["' + '\\"' * 500_000 + "[" * 500])
def test_a_bomb_is_refused_without_a_stack_and_in_linear_time(text: str) -> None:
    with pytest.raises(CimJsonError):
        parse(text)


def test_a_tree_beyond_the_limit_is_not_written() -> None:
    tree = parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(CimJsonError, match="nested deeper"):
        dump([tree])
    with pytest.raises(CimJsonError, match="nested deeper"):
        dump({"a": tree})


def test_brackets_inside_strings_do_not_count() -> None:
    text = json.dumps(["[" * 1000, '"{\\' * 1000])
    assert dump(parse(text)) == text.replace(", ", ",")
