# SPDX-License-Identifier: Apache-2.0
"""What is said of a route of the management API, and whom it answers how."""

from enum import Enum
from typing import Any
from typing import NamedTuple


class Kind(Enum):
    """What a route is about: what it answers an auditor, an operator, and somebody without any right."""

    CONTENT = (200, 404, 404)
    OVERVIEW = (200, 200, 200)
    SYSTEM = (200, 200, 403)
    SYSTEM_ABSENT = (404, 404, 403)
    ACCOUNTS = (200, 403, 403)
    ACCOUNTS_ABSENT = (404, 403, 403)
    OPERATION = (403, 200, 403)
    OPERATION_ABSENT = (403, 404, 403)
    MANAGEMENT = (403, 403, 403)
    OF_PROJECT = (403, 404, 404)
    OWN = (0, 0, 0)
    """About the caller's own account and login, which a system role has nothing to do with."""


class Route(NamedTuple):
    """A request to a route; `{...}` in its path stands for something that is there."""

    kind: Kind
    method: str
    template: str
    path: str
    document: Any = None
