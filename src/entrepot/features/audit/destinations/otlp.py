# SPDX-License-Identifier: Apache-2.0
"""A collector of OpenTelemetry: logs over HTTP, in the JSON encoding of OTLP 1.x."""

import json
import socket
from collections.abc import Sequence
from typing import Any

from entrepot import __version__
from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import Rejected
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.destinations.web_server import WebServer
from entrepot.features.audit.destinations.web_server import shown
from entrepot.kernel.clock import Milliseconds

PATH = "/v1/logs"
_INFO, _WARN = (9, "INFO"), (13, "WARN")
"""Numbers of severity, and their names, as the specification has them."""

_NANOSECONDS = 1_000_000


class OtlpDestination(Destination):
    """Posts a batch at a time. `path` is that of the address; a bare one means `/v1/logs`."""

    def __init__(self, server: WebServer, path: str, secret: Secret) -> None:
        self._server = server
        self._path = PATH if path == "/" else path
        self._secret = secret

    async def send(self, lines: Sequence[Line]) -> None:
        """Post them. What the collector rejects (`partialSuccess`) may not be sent again."""
        secret = await self._secret.read()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        answer = await self._server.ask("POST", self._path, json.dumps(_logs(lines)).encode(), headers)
        rejected, reason = _rejected(answer.body)
        if rejected:
            raise Rejected(f"the collector rejects {rejected} of {len(lines)}{f': {reason}' if reason else ''}")

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def _logs(lines: Sequence[Line]) -> dict[str, Any]:
    resource = [
        _attribute("service.name", "entrepot"),
        _attribute("service.version", __version__),
        _attribute("host.name", socket.gethostname()),
    ]
    scope = {"name": "entrepot.audit", "version": __version__}
    return {
        "resourceLogs": [
            {
                "resource": {"attributes": resource},
                "scopeLogs": [{"scope": scope, "logRecords": [_record(line) for line in lines]}],
            }
        ]
    }


def _record(line: Line) -> dict[str, Any]:
    number, name = _WARN if line.is_notice else _INFO
    return {
        "timeUnixNano": _nanoseconds(line.at),
        "observedTimeUnixNano": _nanoseconds(line.at),
        "severityNumber": number,
        "severityText": name,
        "eventName": line.type,
        "body": {"stringValue": line.text},
        "attributes": [
            _attribute("event.name", line.type),
            _attribute("entrepot.audit.stream", line.stream),
            {"key": "entrepot.audit.seq", "value": {"intValue": str(line.seq)}},
        ],
    }


def _attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def _nanoseconds(moment: Milliseconds) -> str:
    return str(moment * _NANOSECONDS)


def _rejected(body: bytes) -> tuple[int, str]:
    """Return how many the answer says were not taken, and why (`partialSuccess`)."""
    try:
        said = json.loads(body or b"{}").get("partialSuccess", {})
        return int(said.get("rejectedLogRecords", 0)), shown(said.get("errorMessage"))
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return 0, ""
