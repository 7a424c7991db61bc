"""What can stand in one field of CIM JSON, as hypothesis strategies, and what must be written for it.

A second statement of the codec's kinds, made from what CIM's Java model reads and writes, that shares no code with
the codec.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.support.json_tokens import Token, text_of


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Expects exactly this tree, in order and with its number tokens."""

    tree: Any


LEFT_OUT: Final = object()
"""Expects that the key is not written."""


@dataclass(frozen=True, slots=True)
class Case:
    """A tree to read, and what must be written after it: plain values, Verbatim and LEFT_OUT."""

    given: Any
    expected: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field: its good values, values of another shape, and what absent means.

    `null`: the same as null, which is written. `default`: not the same as null, left out. `zero`: the same as null,
    left out.
    """

    cases: SearchStrategy[Case]
    misfits: SearchStrategy[Any]
    absence: Literal["null", "default", "zero"] = "null"


def differences(expected: Any, actual: Any, path: str = "$") -> list[str]:
    """The paths at which what was written is not what was expected."""
    if isinstance(expected, Verbatim):
        return [] if text_of(expected.tree) == text_of(actual) else [path]
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted = {key: tree for key, tree in expected.items() if tree is not LEFT_OUT}
        odd = [f"{path}.{key}" for key in wanted.keys() ^ actual.keys()]
        return odd + [
            place
            for key in wanted.keys() & actual.keys()
            for place in differences(wanted[key], actual[key], f"{path}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [place for index, pair in pairs for place in differences(*pair, f"{path}[{index}]")]
    return [] if expected == actual and type(expected) is type(actual) else [path]


HALF_PAIRS: Final = ("\ud83d", "cut \udc4d")
LAST_MS: Final = 253_402_300_799_999

words = st.text(max_size=5) | st.sampled_from(("", " ", "\x00", "📦 ❤️ 👨‍👩‍👧", "\u2028", '"\\/', "null", "1"))
number_tokens = (
    st.integers().map(str)
    | st.builds(
        "{}{}{}".format, st.integers(), st.sampled_from(("", ".5", ".50")), st.sampled_from(("", "e-7", "E+400"))
    )
    | st.sampled_from(("1", "1.0", "1.10", "1e3", "1E+3", "-0", "0.0", "24680135791113151", "1e400", "9" * 5000))
).map(Token)
scalars = st.none() | st.booleans() | number_tokens | words | st.sampled_from(HALF_PAIRS)
free_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
free_objects = st.dictionaries(words, free_json, max_size=3)
containers = st.sampled_from(([], {}, ["x"], {"x": Token("1")}))


def unchanged(values: SearchStrategy[Any]) -> SearchStrategy[Case]:
    return values.map(lambda value: Case(value, value))


def _text(token: Token) -> Case:
    return Case(token, token.text)


TEXT = FieldSpec(
    cases=unchanged(words) | number_tokens.map(_text) | st.sampled_from((Case(True, "true"), Case(False, "false"))),
    misfits=containers | st.sampled_from(HALF_PAIRS),
)


def _spellings(number: int) -> Iterable[Case]:
    expected = Token(str(number))
    yield Case(expected, expected)
    yield Case(str(number), expected)
    yield Case(Token(f"{number}.0"), expected)
    yield Case(Token(f"{number}.00E+0"), expected)


def whole(bits: int, absence: Literal["null", "zero"] = "zero") -> FieldSpec:
    limit = 2 ** (bits - 1)
    numbers = st.integers(-limit, limit - 1) | st.sampled_from((0, limit - 1, -limit))
    beyond = st.sampled_from((limit, -limit - 1, 10**40)).map(lambda number: Token(str(number)))
    return FieldSpec(
        cases=numbers.flatmap(lambda number: st.sampled_from(tuple(_spellings(number)))) | st.just(Case("", None)),
        misfits=containers | beyond | st.sampled_from(("ten", "1.5", True, Token("10.5"), Token("1e999999999"))),
        absence=absence,
    )


DOUBLE = FieldSpec(
    cases=st.floats(allow_nan=False, allow_infinity=False).flatmap(
        lambda number: st.sampled_from((Token(repr(number)), repr(number))).map(
            lambda given: Case(given, Token(repr(number)))
        )
    )
    | st.sampled_from((Case(Token("52"), Token("52.0")), Case("", None))),
    misfits=containers | st.sampled_from((True, "north", "NaN", Token("1e999"))),
    absence="zero",
)
FLAG = FieldSpec(
    cases=st.sampled_from(
        (
            Case(True, True),
            Case(False, False),
            Case("true", True),
            Case("False", False),
            Case(Token("1"), True),
            Case(Token("0"), False),
            Case("", None),
        )
    ),
    misfits=containers | st.sampled_from(("yes", Token("2"))),
)
PRIMITIVE_FLAG = FieldSpec(cases=FLAG.cases, misfits=FLAG.misfits, absence="zero")
ANY = FieldSpec(
    cases=free_json.filter(lambda tree: tree is not None).map(lambda tree: Case(tree, Verbatim(tree))),
    misfits=st.nothing(),
)
NOT_OBJECTS: Final = st.sampled_from(("", "x", True, [], ["x"], Token("1")))


def free_map(absence: Literal["null", "default"] = "null") -> FieldSpec:
    return FieldSpec(
        cases=free_objects.map(lambda tree: Case(tree, Verbatim(tree))), misfits=NOT_OBJECTS, absence=absence
    )


def enum(*names: str) -> FieldSpec:
    exact = st.sampled_from(names)
    return FieldSpec(
        cases=exact.flatmap(
            lambda name: st.sampled_from(
                (name, name.upper(), name.lower(), name.title(), name.replace("_", " "), name.replace("_", "-"))
            ).map(lambda given: Case(given, name))
        ),
        misfits=containers | st.sampled_from(("", "CONSULT_TRANSFER", Token("1"), True)),
    )


def _moments(ms: int) -> Iterable[Case]:
    expected = Token(str(ms))
    yield Case(Token(str(ms)), expected)
    yield Case(str(ms), expected)
    if 0 <= ms < LAST_MS // 2:
        moment = datetime.fromtimestamp(ms // 1000, UTC)
        stem = f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}"
        yield from (Case(stem + zone, expected) for zone in ("Z", "", "+00:00", "+0000", "+00"))
        yield Case(f"{moment:%Y-%m-%dT%H:%M:%S}Z", Token(str(ms - ms % 1000)))
        yield Case(f"{moment:%Y-%m-%d}", Token(str(ms - ms % 86_400_000)))
        yield Case(f"{moment:%Y-%m-%dT%H:%M}+02:00", Token(str(ms - ms % 60_000 - 7_200_000)))


def moment(absence: Literal["null", "default"]) -> FieldSpec:
    numbers = st.integers(0, 2 * 10**12) | st.sampled_from((0, -1, -62_135_596_800_000, LAST_MS, 1_705_583_492))
    return FieldSpec(
        cases=numbers.flatmap(lambda ms: st.sampled_from(tuple(_moments(ms)))) | st.just(Case("", None)),
        misfits=containers
        | st.sampled_from(
            (True, "2024-01-18 13:11:34", "yesterday", Token("1705583492.115"), Token(str(LAST_MS + 1)), "2024-02-30")
        ),
        absence=absence,
    )


def list_of(spec: FieldSpec, absence: Literal["null", "default"] = "null", *, holds_null: bool = False) -> FieldSpec:
    """A list field; one without elements is as good as absent to protobuf, so it must come back from elsewhere."""
    filled = st.lists(spec.cases.filter(lambda case: case.expected is not None), min_size=1, max_size=3)
    hollow = st.nothing() if holds_null else st.just([None])
    return FieldSpec(
        cases=filled.map(lambda cases: Case([case.given for case in cases], [case.expected for case in cases]))
        | st.just(Case([], Verbatim([]))),
        misfits=st.sampled_from(("", "x", {}, True, Token("1"))) | hollow | spec.misfits.map(lambda misfit: [misfit]),
        absence=absence,
    )
