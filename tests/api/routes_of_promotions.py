# SPDX-License-Identifier: Apache-2.0
"""The routes of promotions, and what they answer an auditor, an operator and somebody without rights."""

from tests.api.routes_asked import Kind
from tests.api.routes_asked import Route

PROMOTION = {"path": "hidden/release", "tag": "1.0"}
PROMOTION_PATH = {"source": "hidden", "prefix": "hidden/done"}

_A = "/api/v1"
_ONE, _THERE = f"{_A}/promotions/{{promotion}}", f"{_A}/promotions/01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
_OF, _APP = f"{_A}/repositories/{{name}}/-/promotions", f"{_A}/repositories/hidden/app/-/promotions"
_PATH, _RELEASE = f"{_A}/projects/{{name}}/promotion-paths/{{path}}", f"{_A}/projects/hidden/promotion-paths/release"

ROUTES_OF_PROMOTIONS = [
    Route(Kind.OVERVIEW, "GET", f"{_A}/promotions", f"{_A}/promotions"),
    Route(Kind.OWN, "GET", _ONE, _THERE),
    *(Route(Kind.OWN, "POST", f"{_ONE}:{deed}", f"{_THERE}:{deed}", {}) for deed in ("approve", "refuse", "withdraw")),
    Route(Kind.CONTENT, "GET", _OF, _APP),
    Route(Kind.OF_PROJECT, "POST", _OF, _APP, PROMOTION),
    Route(Kind.CONTENT, "POST", f"{_OF}:preview", f"{_APP}:preview", PROMOTION),
    Route(Kind.OVERVIEW, "GET", f"{_A}/promotion-paths", f"{_A}/promotion-paths"),
    Route(Kind.CONTENT, "GET", _PATH, _RELEASE),
    Route(Kind.MANAGEMENT, "PUT", _PATH, _RELEASE, PROMOTION_PATH),
    Route(Kind.MANAGEMENT, "DELETE", _PATH, _RELEASE),
]
