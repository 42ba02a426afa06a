# SPDX-License-Identifier: Apache-2.0
"""Where a feature puts its part of the management API, with what all parts have in common documented once."""

from typing import Annotated
from typing import Any

from fastapi import APIRouter
from fastapi import Path
from fastapi import Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPBase

from entrepot.infra.http.problem import PROBLEM_TYPE
from entrepot.infra.http.session_cookie import NAME

RepositoryPath = Annotated[
    str, Path(description="The repository; its slashes may stand as they are.", examples=["team/app"])
]
"""The `{name:path}` of a route, to be checked by `parse_repository_name`; `/-/` ends it."""

# For the documentation only: whoever identifies the caller reads the header itself.
_BASIC = HTTPBase(
    scheme="basic", scheme_name="password", description="A name, and its password or token.", auto_error=False
)
_BEARER = HTTPBearer(
    scheme_name="token",
    description="A personal token, the secret of a robot, or a token from `/auth/token`.",
    auto_error=False,
)
_SESSION = APIKeyCookie(
    name=NAME,
    scheme_name="session",
    description="What logging in to the console sets, with `__Secure-` before its name over https. "
    "Requests that may change something send the session's `csrf_token` as `X-CSRF-Token` too.",
    auto_error=False,
)
_PROBLEM: dict[str, Any] = {
    "description": "It was refused, or failed.",
    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def api_router(noun: str) -> APIRouter:
    """Make the router of the feature `noun`. An operation is called as its function, so that clients are too."""
    return APIRouter(
        tags=[noun],
        dependencies=[Security(_BASIC), Security(_BEARER), Security(_SESSION)],
        responses={"default": _PROBLEM},
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    return route.name
