# SPDX-License-Identifier: Apache-2.0
"""What a route of the management API takes: declared beside its endpoint, shown in OpenAPI, and walked over in a test.

The declaration decides nothing. Use cases ask for the right where they use it, of whoever calls them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

_DECLARED = "__permissions__"


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that is enough to use a route."""

    text: str
    """As OpenAPI shows it (`x-permission`), such as `repository:read`."""


ANYBODY = Permission("anybody")
"""Whoever asks, logged in or not; answers may depend on who it is."""

ACCOUNT = Permission("account")
"""Whoever is logged in; answers show only what they may read."""

OWN = Permission("own")
"""Whoever it is about."""

SEEN_PROJECT = Permission("project:see")
"""Whoever may read something in the project, or everybody where it is open."""


def in_repository(action: Action) -> Permission:
    """Return what it is to have the right to do `action` in the repository at hand."""
    return Permission(f"repository:{action}")


def in_project(action: Action) -> Permission:
    """Return what it is to have the right to do `action` in all of the project at hand."""
    return Permission(f"project:{action}")


def on_path(action: Action) -> Permission:
    """Return what it is to have the right to do `action` wherever the path pattern at hand matches."""
    return Permission(f"path:{action}")


def to_system(action: SystemAction) -> Permission:
    """Return what it is to have the right to do `action` to the registry as a whole."""
    return Permission(f"system:{action}")


def takes(*alternatives: Permission) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint takes one of `alternatives`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, alternatives)
        return endpoint

    return declare


def permissions_of(endpoint: Callable[..., object]) -> tuple[Permission, ...]:
    """Return what an endpoint takes. Raises `TypeError` for one that does not say so."""
    declared: tuple[Permission, ...] | None = getattr(endpoint, _DECLARED, None)
    if not declared:
        raise TypeError(f"{endpoint.__qualname__} does not say which permission it takes: decorate it with @takes")
    return declared
