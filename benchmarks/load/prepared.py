"""Webhooks made ready before they are sent: signed, each with message ids of its own, as whole HTTP requests.

So the generator only has to write bytes. Both signatures stand there, as Facebook sends both.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.world import APP_SECRET, PAGE, psid
from tests.support.webhook_bodies import text_item, webhook

LENGTH_DIGITS = 8
"""Each request in a file has its length before it, in so many decimal digits."""

PADDING = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6lM9oR2uX5zA8cD1fG4iL7kN0qS"
"""Facebook's message ids are some ninety characters long."""


@dataclass(slots=True, kw_only=True)
class Webhooks:
    """An endless supply; no message id comes twice, in this run or in another."""

    conversations: int
    """Customers who write in turn."""
    each: int = 1
    """Messages in a webhook."""
    _run: str = field(default_factory=lambda: secrets.token_hex(8))
    _written: int = 0

    def requests(self, url: str, count: int) -> Iterator[bytes]:
        """The next `count` requests to `url`."""
        for _ in range(count):
            yield self.request(url)

    def request(self, url: str) -> bytes:
        """The next one."""
        return http_request(url, self.body())

    def body(self) -> bytes:
        """The next one's body."""
        numbers = range(self._written, self._written + self.each)
        self._written += self.each
        return webhook(*map(self._item, numbers), page=PAGE)

    def mid(self, number: int) -> str:
        """The id of a message, counted from 0."""
        return f"m_{self._run}{number:08d}{PADDING}"

    def _item(self, number: int) -> dict[str, object]:
        text = f"Where is my order {number}? I have been waiting for two weeks by now \N{UNAMUSED FACE}"
        customer = psid(number % self.conversations)
        return text_item(self.mid(number), text, psid=customer, page=PAGE, time=round(time.time() * 1000))


def http_request(url: str, body: bytes, secret: bytes = APP_SECRET.encode()) -> bytes:
    """A POST of a signed body on a connection that stays open."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature: sha1={hmac.digest(secret, body, 'sha1').hex()}\r\n"
        f"X-Hub-Signature-256: sha256={hmac.digest(secret, body, 'sha256').hex()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def write_requests(file: Path, requests: Iterable[bytes]) -> None:
    """Writes them one after the other, to be read by `read_requests` and by `webhooks.lua`."""
    with file.open("wb") as out:
        for request in requests:
            out.write(f"{len(request):0{LENGTH_DIGITS}d}".encode())
            out.write(request)


def read_requests(file: Path) -> list[bytes]:
    """What `write_requests` has written."""
    data, requests, place = file.read_bytes(), [], 0
    while place < len(data):
        begin = place + LENGTH_DIGITS
        place = begin + int(data[place:begin])
        requests.append(data[begin:place])
    return requests
