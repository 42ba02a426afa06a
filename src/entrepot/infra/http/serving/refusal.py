# SPDX-License-Identifier: Apache-2.0
"""What is said to a client whose request cannot even be read."""

from http import HTTPStatus

import msgspec

_CODES = {500: "UNKNOWN", 503: "UNAVAILABLE"}


class Refusal(Exception):
    """What arrives is not a request that can be answered."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def render(self) -> bytes:
        """Return the whole response, in the error format of the distribution specification."""
        error = {"code": _CODES.get(self.status, "UNSUPPORTED"), "message": self.message}
        body = msgspec.json.encode({"errors": [error]})
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nconnection: close\r\n"
        )
        if self.status == 503:
            head += "retry-after: 5\r\n"
        return f"{head}\r\n".encode("ascii") + body
