from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from messenger_sandbox.media.links import BAD_TIME, EXPIRED, MISMATCH, NO_SIGNATURE, fault_of, signed_link

KEY = b"key"
PATH = "/v/t59.2708-21/7_n.pdf/счёт 1+1?.pdf"
EXPIRES_S = 0x6B0A1C80


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


def link() -> str:
    return signed_link(PATH, EXPIRES_S, KEY, {"dl": "1"})


def test_a_link_tells_its_expiry_in_hex_and_carries_a_signature() -> None:
    query = query_of(link())
    assert (query["oe"], query["dl"]) == ("6B0A1C80", "1")
    assert query["oh"].startswith("00_")


def test_a_name_is_url_encoded_in_the_path() -> None:
    path = urlsplit(link()).path
    assert path.isascii()
    assert "%20" in path
    assert unquote(path) == PATH


def test_a_link_is_good_until_its_last_second() -> None:
    query = query_of(link())
    assert [fault_of(PATH, query, KEY, EXPIRES_S + late) for late in (-1, 0)] == [None, EXPIRED]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"oh": None}, NO_SIGNATURE),
        ({"oe": None}, NO_SIGNATURE),
        ({"oe": "soon"}, BAD_TIME),
        ({"oe": "7FFFFFFF"}, MISMATCH),
        ({"oh": "00_forged"}, MISMATCH),
    ],
)
def test_a_changed_link_is_refused(changes: dict[str, str | None], fault: str) -> None:
    query = {name: value for name, value in (query_of(link()) | changes).items() if value is not None}
    assert fault_of(PATH, query, KEY, 0) == fault


def test_a_signature_is_good_for_one_path_and_one_sandbox() -> None:
    query = query_of(link())
    assert fault_of(PATH.replace("7_n", "8_n"), query, KEY, 0) == MISMATCH
    assert fault_of(PATH, query, b"another", 0) == MISMATCH
