# SPDX-License-Identifier: Apache-2.0
"""Asking other servers over HTTP: within limits of time and size, and only where we may connect to.

A destination is one origin. Redirects are answers like others and never followed, nothing of the environment counts,
there are no cookies, and nothing is decompressed.
"""

from typing import TYPE_CHECKING

from entrepot.infra.http.outbound.addresses import Allowed
from entrepot.infra.http.outbound.destination import Destination
from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.outbound.url import Url

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

    from entrepot.infra.http.outbound.peer import Peer


class Outbound:
    """Opens ways to other servers. `resolver` looks names up; None asks the system."""

    def __init__(self, settings: OutgoingSettings, resolver: "AbstractResolver | None" = None) -> None:
        self._settings = settings
        self._resolver = resolver
        self._allowed = Allowed(settings.allow)

    def to(self, destination: Destination) -> "Peer":
        """Return the way to a destination, open while it is entered or until closed. Raises `AddressForbidden`."""
        url = destination.url
        literal = url.literal
        if destination.is_supplied and literal is not None and not self._allowed.may_connect(url.host, literal):
            raise AddressForbidden(f"{url.host} is not an address of the Internet")
        from entrepot.infra.http.outbound.peer import Peer  # noqa: PLC0415 - heavy, and most servers ask nobody

        return Peer(destination, self._settings, self._allowed, self._resolver)

    def lists(self, url: Url) -> bool:
        """Tell whether the operator lists the host of an address among those that users may name."""
        return self._allowed.lists(url.host, url.literal)
