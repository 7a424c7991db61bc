"""Who acts, for the audit log: the caller whose call is being served, else the server itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SERVER = "server"
"""What the server does by itself. Its background tasks name it outright: they may have been started during a call."""

_actor: ContextVar[str] = ContextVar("actor", default=SERVER)


def current_actor() -> str:
    """The name of the bearer token of the call being served; `server` outside of any call.

    To be asked on the event loop: the store's threads do not know which call they work for.
    """
    return _actor.get()


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """What is done within the block is done by `name`."""
    token = _actor.set(name)
    try:
        yield
    finally:
        _actor.reset(token)
