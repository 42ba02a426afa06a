# SPDX-License-Identifier: Apache-2.0
"""The `WWW-Authenticate` challenge (RFC 6750 section 3, distribution token authentication)."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.infra.http.request import Request

SERVICE = "entrepot"
TOKEN_PATH = "/auth/token"  # noqa: S105 - an address


@dataclass(frozen=True, slots=True)
class Challenger:
    """Knows the address at which tokens are handed out.

    `public_url` is the configured address of this registry, empty when there is
    none; then the scheme and `Host` of the request are used when that host is on
    the allow-list, and `fallback_url` otherwise.
    """

    public_url: str
    allowed_hosts: frozenset[str]
    fallback_url: str

    def challenge(self, request: Request, scopes: Sequence[str] = (), error: str = "") -> str:
        """Return the value of `WWW-Authenticate`. Every parameter is quoted."""
        parts = [f'realm="{self._origin(request)}{TOKEN_PATH}"', f'service="{SERVICE}"']
        if scopes:
            parts.append(f'scope="{" ".join(scopes)}"')
        if error:
            parts.append(f'error="{error}"')
        return "Bearer " + ",".join(parts)

    def _origin(self, request: Request) -> str:
        if self.public_url:
            return self.public_url.rstrip("/")
        host = request.header(b"host") or ""
        if _host_name(host) in self.allowed_hosts:
            return f"{request.scope.get('scheme', 'http')}://{host}"
        return self.fallback_url


def _host_name(host: str) -> str:
    if any(character in host for character in '"\\/@ ,'):
        return ""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
