"""Structured logs: JSON lines in production, readable lines on a terminal.

No log line may hold a secret or what a customer wrote: call sites log ids, counts and reasons only, and
`hide_secrets` is the safety net under them.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from service_runtime.interpreter import without

with without("rich"):
    # structlog shows local variables and coloured tracebacks by it; we show neither. With Pygments it is 3 MB of each
    # process, and a fifteenth of the server's imports.
    import structlog
    from structlog.typing import EventDict, FilteringBoundLogger, Processor

SECRET_WORDS = ("token", "secret", "password", "authorization", "signature", "cookie")
"""A field whose name contains one of these never shows its value."""

HIDDEN = "[hidden]"


def hide_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replaces the value of every field whose name speaks of a secret."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in SECRET_WORDS):
            event[name] = HIDDEN
    return event


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets up structlog and the standard library's logging for this process; a terminal gets readable lines."""
    stream = stream or sys.stderr
    readable = stream.isatty()
    renderer: Processor = structlog.processors.JSONRenderer()
    if readable:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    if not readable:
        # structlog's own default shows local variables: page tokens and message texts among them.
        transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        shared.append(structlog.processors.ExceptionRenderer(transformer))
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        # A cached logger would keep writing to the stream of the first configuration; the lookup costs about 1 µs.
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(level, stream, shared, renderer)


def shows_debug() -> bool:
    """Whether lines at DEBUG are written: to be asked before one for each request, because to find out takes 3 µs."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `component=<name>`."""
    logger: FilteringBoundLogger = structlog.get_logger(component=name)
    return logger


def _route_standard_logging(level: str, stream: TextIO, shared: list[Processor], renderer: Processor) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Libraries log whole requests at INFO (httpx prints URLs); what we need of them are their complaints.
    for name in ("httpx", "httpcore", "uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
