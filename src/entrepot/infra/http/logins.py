# SPDX-License-Identifier: Apache-2.0
"""What has to be told when users change what they log in with, such as their password."""

from collections.abc import Awaitable
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from entrepot.kernel.access import Principal

LoginChanged = Callable[[Request, Response, Principal], Awaitable[None]]
"""Call it once the change is stored, in the request that made it, with whoever asked for it, about their own login.

Every session of that user ends with the change; the one that the request came with, if it came with one, goes on,
and its new cookie is put into the answer.
"""
