# SPDX-License-Identifier: Apache-2.0
"""How often somebody may ask: the classes of requests that are counted, and the protocol that refuses too many."""

from enum import StrEnum
from typing import Protocol

from entrepot.kernel.access import Principal
from entrepot.kernel.errors import AppError


class RequestClass(StrEnum):
    """What sort of request is counted; each sort by itself."""

    LOGIN = "login"
    """An attempt to prove who one is with a password or a second factor that was not verified of late."""
    TOKEN = "token"  # noqa: S105 - a word for fetching one
    """Fetching a registry token."""
    READ = "read"
    """GET and HEAD, on `/v2` and `/api`."""
    WRITE = "write"
    """Every other method there."""
    REFERRERS = "referrers"
    """Asking what refers to an artifact, which costs more than other reads."""


class TooManyRequests(AppError):
    """Too many requests."""

    code = "too_many_requests"
    status = 429


class RequestLimits(Protocol):
    """Says whether one more request is taken, and counts it if it is."""

    async def admit(self, asked: RequestClass, principal: Principal | None, address: str) -> None:
        """Count a request of `principal`, or of an address where nobody proved who they are (None, or anonymous).

        One HTTP request is counted once, however often this is called. Raises `TooManyRequests`.
        """

    async def admit_login(self, address: str) -> None:
        """Count an attempt to log in, beside the request that it comes with. Raises `TooManyRequests`."""


class Unlimited:
    """Takes every request."""

    async def admit(self, asked: RequestClass, principal: Principal | None, address: str) -> None:
        """Do nothing."""

    async def admit_login(self, address: str) -> None:
        """Do nothing."""


UNLIMITED: RequestLimits = Unlimited()


def class_of(method: str) -> RequestClass:
    """Return what a request counts as by its method, where nothing else is known of it."""
    return RequestClass.READ if method in ("GET", "HEAD") else RequestClass.WRITE
