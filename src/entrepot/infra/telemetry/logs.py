# SPDX-License-Identifier: Apache-2.0
"""Logs: one event a line on standard error, as JSON or for people, with the request's id and without secrets.

What libraries say through `logging` takes the same way.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.types import Processor

from entrepot.infra.telemetry.redaction import redact
from entrepot.infra.telemetry.settings import LogSettings
from entrepot.kernel.request_facts import current_facts

Event = MutableMapping[str, Any]

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def configure_logs(settings: LogSettings) -> None:
    """Write events of the configured level and above, from now on."""
    is_json = settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    processors, renderer = _first_processors(), _last_processors(is_json=is_json)
    structlog.configure(
        processors=[*processors, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    of_libraries = logging.StreamHandler(sys.stderr)
    of_libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[of_libraries], force=True)


def _first_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _last_processors(*, is_json: bool) -> list[Processor]:
    if is_json:
        return [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer()]
    return [
        structlog.processors.format_exc_info,
        redact,
        _escape_controls,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        ),
    ]


def _add_request_id(_logger: object, _method: str, event: Event) -> Event:
    facts = current_facts.get(None)
    if facts is not None:
        event.setdefault("request_id", facts.request_id)
    return event


def _escape_controls(_logger: object, _method: str, event: Event) -> Event:
    """Keep text that a client chose from moving the cursor of a terminal or beginning a line of its own."""
    for key, value in event.items():
        if isinstance(value, str):
            text = value if key == "exception" else value.replace("\n", "\\n")
            event[key] = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return event
