from __future__ import annotations

import os

from connector_cli.demo.keyboard import lines


async def typed(*chunks: bytes) -> list[str]:
    reading, writing = os.pipe()
    for chunk in chunks:
        os.write(writing, chunk)
    os.close(writing)
    try:
        return [line async for line in lines(reading)]
    finally:
        os.close(reading)


async def test_lines_come_as_they_are_typed() -> None:
    assert await typed("Hello 👋\nсноBa\r\n".encode()) == ["Hello 👋", "сноBa"]


async def test_a_last_line_without_an_end_counts() -> None:
    assert await typed(b"one\ntwo") == ["one", "two"]


async def test_a_long_line_is_one_line() -> None:
    assert await typed(b"x" * 10_000 + b"\n") == ["x" * 10_000]


async def test_bytes_that_are_no_text_do_not_end_it() -> None:
    assert await typed(b"\xff\nmore\n") == ["\N{REPLACEMENT CHARACTER}", "more"]


async def test_no_input_at_all_ends_at_once() -> None:
    assert await typed() == []


async def test_an_input_that_cannot_be_read_ends_at_once() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)

    assert [line async for line in lines(reading)] == []
