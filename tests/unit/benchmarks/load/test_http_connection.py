from __future__ import annotations

import pytest

from benchmarks.load.http_connection import BROKEN, HttpConnection, status_of


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 503),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
        (b"HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n", 204),
    ],
)
def test_an_answer_counts_once_it_is_whole(answer: bytes, status: int | None) -> None:
    assert status_of(answer) == status


def test_a_request_on_a_lost_connection_is_broken() -> None:
    statuses: list[int] = []
    connection = HttpConnection()

    connection.send(b"POST", statuses.append)

    assert statuses == [BROKEN]
