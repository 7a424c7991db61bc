"""Baseline: a webhook that keeps nothing. The same server and framework as our gateway, and no more than one must do.

    python -m benchmarks.baselines.starlette_app ADDRESS

It checks the signature over the raw bytes, parses, looks at every event, and answers 200.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.world import APP_SECRET
from service_runtime import interpreter
from service_runtime.http_server import bound, served
from service_runtime.lifecycle import Tasks
from service_runtime.listen import Address

SECRET = APP_SECRET.encode()


async def webhook(request: Request) -> Response:
    """200 for what Facebook has signed."""
    body = await request.body()
    expected = "sha256=" + hmac.digest(SECRET, body, "sha256").hex()
    if not hmac.compare_digest(request.headers.get("x-hub-signature-256", ""), expected):
        return Response(status_code=403)
    texts = [item["message"]["text"] for entry in json.loads(body)["entry"] for item in entry["messaging"]]
    return Response(status_code=200 if texts else 400)


async def ready(_request: Request) -> Response:
    """As the gateway says that it takes webhooks."""
    return PlainTextResponse("ready")


async def main(listen: str) -> None:
    """Serves until it is killed."""
    app = Starlette(routes=[Route("/webhook", webhook, methods=["POST"]), Route("/readyz", ready)])
    with bound(Address.parse(listen), setting="ADDRESS") as listener:
        async with Tasks() as tasks, served(app, listener, tasks, grace_s=0):
            await asyncio.Event().wait()


if __name__ == "__main__":
    interpreter.tune()
    uvloop.run(main(sys.argv[1]))
