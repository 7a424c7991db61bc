from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from benchmarks.load.prepared import LENGTH_DIGITS, Webhooks, http_request, read_requests, write_requests
from benchmarks.world import APP_SECRET, PAGE, psid

URL = "http://127.0.0.1:8080/webhook"


def items(body: bytes) -> list[dict[str, object]]:
    (entry,) = json.loads(body)["entry"]
    assert entry["id"] == PAGE
    found: list[dict[str, object]] = entry["messaging"]
    return found


def test_no_message_id_comes_twice_in_this_run_or_in_another() -> None:
    bodies = [webhooks.body() for webhooks in (Webhooks(conversations=4, each=5), Webhooks(conversations=4))] * 2
    webhooks = Webhooks(conversations=2, each=3)
    bodies = [webhooks.body() for _ in range(10)] + [Webhooks(conversations=2).body()]

    mids = [item["message"]["mid"] for body in bodies for item in items(body)]  # type: ignore[index]

    assert len(set(mids)) == len(mids) == 31


def test_a_message_id_can_be_foretold() -> None:
    webhooks = Webhooks(conversations=2)
    foretold = [webhooks.mid(number) for number in range(3)]

    assert [items(webhooks.body())[0]["message"]["mid"] for _ in range(3)] == foretold  # type: ignore[index]


def test_customers_write_in_turn() -> None:
    webhooks = Webhooks(conversations=3, each=2)

    senders = [item["sender"] for _ in range(3) for item in items(webhooks.body())]

    assert senders == [{"id": psid(number)} for number in (0, 1, 2, 0, 1, 2)]


@pytest.mark.parametrize(("header", "algorithm"), [("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")])
def test_both_signatures_are_over_the_bytes_that_are_sent(header: str, algorithm: str) -> None:
    head, _, body = http_request(URL, b'{"entry":[]}').partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])

    expected = hmac.new(APP_SECRET.encode(), body, getattr(hashlib, algorithm)).hexdigest()

    assert headers[header] == f"{algorithm}={expected}"
    assert headers["Content-Length"] == str(len(body)) == "12"
    assert headers["Host"] == "127.0.0.1:8080"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    requests = list(Webhooks(conversations=2).requests(URL, 3))
    file = tmp_path / "requests"

    write_requests(file, requests)

    assert read_requests(file) == requests


def test_the_script_of_wrk_reads_lengths_of_as_many_digits() -> None:
    script = Path(__file__).parents[4] / "benchmarks" / "load" / "webhooks.lua"

    assert f"file:read({LENGTH_DIGITS})" in script.read_text()
