from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.cim_json import CimJsonError
from cim_messenger.cim_json.errors import UnheldError
from cim_messenger.cim_json.json_text import JsonValue, Number
from cim_messenger.cim_json.timestamps import FIRST_SECOND, LAST_SECOND, read_timestamp, write_timestamp

PATH = "$.header.timestamp"
MS = 1705583494545


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (Number("1705583494545"), MS),
        ("1705583494545", MS),
        ("2024-01-18T13:11:34.545Z", MS),
        ("2024-01-18T13:11:34.545+00:00", MS),
        ("2024-01-18T13:11:34.545+0000", MS),
        ("2024-01-18T13:11:34.545", MS),
        ("2024-01-18T14:11:34.545+01:00", MS),
        ("2024-01-18T18:41:34.545+05:30", MS),
        ("2024-01-18T07:41:34.545-0530", MS),
        ("2024-01-18T12:11:34.545-01", MS),
        ("2024-01-18T13:11:34.545999999Z", MS),
        ("2024-01-18T13:11:34.5Z", 1705583494500),
        ("2024-01-18T13:11:34Z", 1705583494000),
        ("2024-01-18T13:11Z", 1705583460000),
        ("2024-01-18", 1705536000000),
        ("2024-02-29", 1709164800000),
        ("0001-01-01T00:00:00Z", FIRST_SECOND * 1000),
        ("9999-12-31T23:59:59.999Z", LAST_SECOND * 1000 + 999),
        (Number("1705583492"), 1705583492),
        (Number("0"), 0),
        (Number("-1"), -1),
    ],
)
def test_every_spelling_that_java_reads_is_read_and_written_in_milliseconds(value: JsonValue, ms: int) -> None:
    moment = read_timestamp(value, PATH)
    assert moment is not None
    assert write_timestamp(moment, PATH) == Number(str(ms))


def test_an_empty_string_is_null() -> None:
    assert read_timestamp("", PATH) is None


@pytest.mark.parametrize(
    "value",
    [
        Number("1705583492.115"),
        Number("1.7e12"),
        "2024-01-18 13:11:34",
        "2024-01-18T13:11:34.545+25:00",
        "2024-01-18t13:11:34z",
        "2024-02-30",
        "2024-01-18T24:00:00Z",
        "18.01.2024",
        " 1705583494545",
        "1705583494545\n",
        "١٧٠٥٥٨٣٤٩٤٥٤٥",
        True,
        {},
        [],
    ],
)
def test_what_java_refuses_is_refused(value: JsonValue) -> None:
    with pytest.raises(CimJsonError) as caught:
        read_timestamp(value, PATH)
    assert caught.value.path == PATH
    assert not isinstance(caught.value, UnheldError)


@pytest.mark.parametrize(
    "value",
    [
        Number(str(LAST_SECOND * 1000 + 1000)),
        Number(str(FIRST_SECOND * 1000 - 1)),
        Number("9" * 5000),
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_a_moment_that_protobuf_cannot_hold_is_told_apart(value: JsonValue) -> None:
    with pytest.raises(UnheldError):
        read_timestamp(value, PATH)


@pytest.mark.parametrize(
    "moment",
    [
        Timestamp(seconds=LAST_SECOND + 1),
        Timestamp(seconds=FIRST_SECOND - 1),
        Timestamp(nanos=-1),
        Timestamp(nanos=10**9),
    ],
)
def test_a_timestamp_out_of_its_range_is_not_written(moment: Timestamp) -> None:
    with pytest.raises(CimJsonError, match=r"^\$\.header\.timestamp is a Timestamp outside the years 1 to 9999$"):
        write_timestamp(moment, PATH)
