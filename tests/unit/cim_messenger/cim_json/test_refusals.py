"""What is no CIM JSON is refused with its path; the codec gives a message or that error, never anything else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cim_messenger.cim_json import CimJsonError, decode, encode
from tests.support.cim_fields import free_json
from tests.support.cim_strategies import HEADER_FIELDS, message_texts
from tests.support.json_tokens import text_of, tree_of, without_nulls


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "$"),
        ("[]", "$"),
        ('"x"', "$"),
        ("null", "$"),
        ('{"id":{}}', "$.id"),
        ('{"header":""}', "$.header"),
        ('{"header":[]}', "$.header"),
        ('{"body":""}', "$.body"),
        ('{"body":["PLAIN"]}', "$.body"),
        ('{"header":{"sender":"me"}}', "$.header.sender"),
        ('{"header":{"language":"en"}}', "$.header.language"),
        ('{"header":{"entities":[]}}', "$.header.entities"),
        ('{"header":{"schedulingMetaData":[]}}', "$.header.schedulingMetaData"),
        ('{"header":{"stamps":"a"}}', "$.header.stamps"),
        ('{"header":{"stamps":["a",{}]}}', "$.header.stamps[1]"),
        ('{"header":{"timestamp":"2024-01-18 13:11:34"}}', "$.header.timestamp"),
        ('{"header":{"timestamp":1705583492.115}}', "$.header.timestamp"),
        ('{"header":{"customer":""}}', "$.header.customer"),
        ('{"header":{"customer":{"phoneNumber":"1"}}}', "$.header.customer.phoneNumber"),
        ('{"header":{"customer":{"isAnonymous":"maybe"}}}', "$.header.customer.isAnonymous"),
        ('{"header":{"channelData":{"requestPriority":2147483648}}}', "$.header.channelData.requestPriority"),
        ('{"header":{"channelData":{"requestPriority":"high"}}}', "$.header.channelData.requestPriority"),
        ('{"header":{"channelData":{"requestPriority":1e999999999}}}', "$.header.channelData.requestPriority"),
        (
            '{"header":{"channelData":{"requestPriority":1e99999999999999999999}}}',
            "$.header.channelData.requestPriority",
        ),
        (
            '{"header":{"channelData":{"additionalAttributes":[{"key":"a"},{"key":[]}]}}}',
            "$.header.channelData.additionalAttributes[1].key",
        ),
    ],
)
def test_an_envelope_of_another_shape_is_refused_by_its_path(text: str, path: str) -> None:
    with pytest.raises(CimJsonError) as caught:
        decode(text)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path} is ")


@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize("key", HEADER_FIELDS)
@given(st.data())
def test_a_misfit_in_the_header_is_refused_or_kept(key: str, data: st.DataObject) -> None:
    misfit = data.draw(HEADER_FIELDS[key].misfits)
    text = text_of({"header": {key: misfit}})
    try:
        kept = tree_of(encode(decode(text)))["header"][key]
    except CimJsonError as error:
        kept = error.path
    assert without_nulls(kept) == without_nulls(misfit) or kept.startswith(f"$.header.{key}")


@pytest.mark.parametrize(
    ("octets", "problem"),
    [
        (b'{"id":"\xff"}', "is no UTF-8 at byte 7"),
        (b'{"id":"\xed\xa0\xbd"}', "is no UTF-8 at byte 7"),
        ('{"id":"x"}'.encode("utf-16"), "is no UTF-8 at byte 0"),
        ('{"id":"x"}'.encode("utf-32-be"), "is no JSON: Expecting value, line 1 column 1"),
    ],
)
def test_other_encodings_are_refused(octets: bytes, problem: str) -> None:
    with pytest.raises(CimJsonError) as caught:
        decode(octets)
    assert (caught.value.path, caught.value.problem) == ("$", problem)


def test_an_error_tells_nothing_of_the_message() -> None:
    with pytest.raises(CimJsonError) as caught:
        decode('{"header":{"entities":"my secret","intent":{"secret":1}},"body":{"markdownText":"secret"}}')
    assert "secret" not in repr(caught.value)


def read_and_write(text: str | bytes) -> None:
    with suppress(CimJsonError):
        message = decode(text)
        assert encode(decode(encode(message))) == encode(message)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text(max_size=60))
@example("\ufeff")
@example(b"\xef\xbb\xbf{}")
def test_arbitrary_bytes_and_text_never_break_the_codec(data: str | bytes) -> None:
    read_and_write(data)


@settings(max_examples=200)
@given(free_json)
def test_arbitrary_json_never_breaks_the_codec(tree: object) -> None:
    read_and_write(text_of(tree))
    read_and_write(text_of({"id": "x", "header": tree, "body": tree}))
    read_and_write(text_of({"header": dict.fromkeys(HEADER_FIELDS, tree)}))


@settings(deadline=None, max_examples=100)
@given(message_texts(), st.data())
def test_a_damaged_message_never_breaks_the_codec(text: str, data: st.DataObject) -> None:
    octets = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    read_and_write(bytes(octets))
