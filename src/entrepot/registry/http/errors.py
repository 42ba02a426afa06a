# SPDX-License-Identifier: Apache-2.0
"""Errors as the distribution specification's JSON ("Error Codes")."""

from typing import Any

import msgspec

from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.kernel.errors import AppError
from entrepot.kernel.request_facts import about_request

_CODES = {
    "unauthenticated": "UNAUTHORIZED",
    "forbidden": "DENIED",
    "not_found": "NAME_UNKNOWN",
    "body_too_large": "SIZE_INVALID",
    "internal_error": "UNKNOWN",
}
_CODES_BY_STATUS = {503: "UNAVAILABLE", 500: "UNKNOWN", 502: "UNAVAILABLE", 429: "TOOMANYREQUESTS"}


def render(error: AppError, request_id: str) -> Response:
    """Render an error; the hint becomes part of the message, because clients print nothing else."""
    about_request().answered_with(error)
    code = _CODES.get(error.code) or _CODES_BY_STATUS.get(error.status) or error.code.upper()
    message = error.message if not error.hint else f"{error.message.rstrip('.')}. {error.hint}"
    entry: dict[str, Any] = {"code": code, "message": message}
    if error.detail is not None:
        entry["detail"] = error.detail
    elif error.status >= 500:
        entry["detail"] = {"request_id": request_id}
    headers = [("content-type", "application/json"), *error.headers.items()]
    phrase = message if error.status == 503 else ""
    return Response(error.status, header_list(headers), msgspec.json.encode({"errors": [entry]}), phrase=phrase)
