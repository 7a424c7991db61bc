"""Baseline: the same replies past the connector, by a bare httpx client that keeps nothing.

    python -m benchmarks.baselines.httpx_client GRAPH_URL IN_FLIGHT SECONDS

As many connections as calls in flight, and no more to each call than Facebook asks for.
"""

from __future__ import annotations

import sys

import httpx
import uvloop

from benchmarks.load.replies import reply
from benchmarks.load.workers import work
from benchmarks.world import CUSTOMERS, page_of, page_token, psid

VERSION = "v25.0"

# httpcore looks for `sniffio` on each call, and a search that finds nothing reads folders: up to half of the rate.
# The baseline is shown at its best.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


async def main(graph_url: str, in_flight: str, seconds: str) -> None:
    """Sends, and prints."""
    connections = int(in_flight)
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(base_url=graph_url, limits=limits, trust_env=False, timeout=30) as client:

        async def send(customer: int, times: int) -> bool:
            page = page_of(customer)
            answer = await client.post(
                f"/{VERSION}/{page}/messages",
                headers={"authorization": f"Bearer {page_token(page)}"},
                json={
                    "recipient": {"id": psid(customer)},
                    "messaging_type": "RESPONSE",
                    "message": {"text": reply(customer, times).body.markdown_text},
                },
            )
            return bool(answer.json().get("message_id"))

        print(await work(send, connections, CUSTOMERS, float(seconds)))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
