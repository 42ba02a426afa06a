# SPDX-License-Identifier: Apache-2.0
"""What a feature says about itself, so that the application only has to list features."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic
from typing import TypeVar

PlatformT = TypeVar("PlatformT")
"""What wiring hands to a feature: the database, the storage, the core's use cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one feature adds to a running application.

    The kernel does not know the kinds of these things; the layer that each
    docstring names defines its kind and takes it.
    """

    routes: tuple[object, ...] = ()
    """ASGI routes, served under `/api/v1`."""
    gates: tuple[object, ...] = ()
    """`registry.hooks.Gate`s, asked in this order."""
    listeners: tuple[object, ...] = ()
    """`registry.hooks.Listener`s."""
    jobs: tuple[object, ...] = ()
    """Kinds of background work, for `infra.jobs`."""
    tasks: tuple[object, ...] = ()
    """Asynchronous functions that run beside the requests of this process, until they are cancelled."""


def _no_parts(_platform: object) -> Parts:
    return Parts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Generic[PlatformT]):
    """One folder of `features/`. A feature that is not listed is not mounted; nothing else asks for it."""

    name: str
    """The feature's noun: the name of its folder."""
    needs: tuple[str, ...] = ()
    """The features whose front doors this one imports, by name."""
    settings: type[object] | None = None
    """The class of its section of the configuration, named after the feature."""
    commands: tuple[object, ...] = ()
    """Its groups of commands for the command line. Groups of one name, of several features too, become one."""
    mount: Callable[[PlatformT], Parts] = _no_parts
    """Builds its parts, once, when the application starts."""

    def __post_init__(self) -> None:
        """Refuse a name that no folder can have, and a feature that needs itself."""
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise ValueError(f"{self.name!r} names no feature: use its folder's name, such as 'proxy_cache'")
        if self.name in self.needs:
            raise ValueError(f"the feature {self.name!r} needs itself: remove it from its needs")
