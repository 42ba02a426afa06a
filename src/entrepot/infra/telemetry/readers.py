# SPDX-License-Identifier: Apache-2.0
"""Who may read what is meant for operators: the metrics and the page that describes the management API."""

import base64
import binascii
import hmac
from ipaddress import IPv6Address
from ipaddress import ip_address
from typing import assert_never

from entrepot.infra.http.request import Request
from entrepot.infra.telemetry.settings import MetricsSettings
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import Unauthenticated

CHALLENGE = 'Basic realm="entrepot", charset="UTF-8"'

_TRACES_OF_A_PROXY = (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")


class NotOnThisMachine(Forbidden):
    """This address answers clients on the server's own machine only."""

    code = "loopback_only"
    default_hint = "An administrator can set metrics.access to token or open."


class Readers:
    """Tells readers from others, as `metrics.access` says."""

    def __init__(self, settings: MetricsSettings) -> None:
        self._access = settings.access
        self._token = settings.token.get_secret_value().encode()

    def require(self, request: Request) -> None:
        """Do nothing if whoever sent the request may read. Raises `NotOnThisMachine` and `Unauthenticated`."""
        match self._access:
            case "open":
                return
            case "loopback":
                if not is_local(request):
                    raise NotOnThisMachine
            case "token":
                if not hmac.compare_digest(_presented(request), self._token):
                    raise Unauthenticated(
                        "this address needs the token of the setting metrics.token",
                        hint="Send it as a Bearer token, or as a password with any user name.",
                    )
            case _:
                assert_never(self._access)


def is_local(request: Request) -> bool:
    """Tell whether a client on this machine asks, as far as that can be seen: no proxy has left a trace."""
    client = request.scope.get("client")
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback and all(request.header(name) is None for name in _TRACES_OF_A_PROXY)


def _presented(request: Request) -> bytes:
    scheme, _, parameter = (request.single_header(b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return parameter.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(parameter.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
