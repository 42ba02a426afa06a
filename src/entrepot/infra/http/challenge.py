# SPDX-License-Identifier: Apache-2.0
"""The `WWW-Authenticate` challenge (RFC 6750 section 3, distribution token authentication)."""

from collections.abc import Iterable
from collections.abc import Sequence

from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import host_name
from entrepot.infra.http.authority import parse_authority
from entrepot.infra.http.request import Request

SERVICE = "entrepot"
TOKEN_PATH = "/auth/token"  # noqa: S105 - an address
UNKNOWN_ADDRESS = ("localhost", None)


class Challenger:
    """Knows the address at which tokens are handed out.

    That is `public_url`, the configured address of this registry. When it is
    empty, it is the scheme and `Host` of the request if that host is one of
    `allowed_hosts` (ports do not matter) or the address that the connection came
    in on; else that address. A `Host` that is not known never becomes an
    address that credentials are sent to.
    """

    def __init__(self, public_url: str, allowed_hosts: Iterable[str] = ()) -> None:
        self._public_url = public_url.rstrip("/")
        self._allowed = frozenset(map(host_name, allowed_hosts)) - {""}

    def challenge(self, request: Request, scopes: Sequence[str] = (), error: str = "") -> str:
        """Return the value of `WWW-Authenticate`. Every parameter is quoted."""
        parts = [f'realm="{self.origin(request)}{TOKEN_PATH}"', f'service="{SERVICE}"']
        if scopes:
            parts.append(f'scope="{" ".join(scopes)}"')
        if error:
            parts.append(f'error="{error}"')
        return "Bearer " + ",".join(parts)

    def origin(self, request: Request) -> str:
        """Return the address of this registry, such as `https://registry.example:5000`."""
        if self._public_url:
            return self._public_url
        host = parse_authority(request.header(b"host") or "")
        address, port = request.scope.get("server") or UNKNOWN_ADDRESS
        address = address.partition("%")[0]
        if host is None or (host.host != address and host.host not in self._allowed):
            host = Authority(address, port)
        return f"{request.scope.get('scheme', 'http')}://{host}"
