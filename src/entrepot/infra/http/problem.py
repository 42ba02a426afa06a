# SPDX-License-Identifier: Apache-2.0
"""Errors of the management API as `application/problem+json` (RFC 9457)."""

from typing import Any

import msgspec

from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.kernel.errors import AppError
from entrepot.kernel.request_facts import about_request

PROBLEM_TYPE = "application/problem+json"


def problem(error: AppError, request_id: str) -> Response:
    """Render an error: `code` for programs, `detail` and `hint` for people."""
    about_request().answered_with(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.code.replace("_", " ").lower(),
        "status": error.status,
        "code": error.code.lower(),
        "detail": error.message,
        "request_id": request_id,
    }
    if error.hint:
        body["hint"] = error.hint
    if error.detail is not None:
        body["about"] = error.detail
    headers = {
        "Content-Type": PROBLEM_TYPE,
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
        **error.headers,
    }
    return Response(error.status, header_list(headers.items()), msgspec.json.encode(body))
