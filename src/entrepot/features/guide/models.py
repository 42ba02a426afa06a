# SPDX-License-Identifier: Apache-2.0
"""What a registry is to its clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from entrepot.infra.http.tls.trust import AUTHORITY_PATH
from entrepot.infra.remote.address import authority_of
from entrepot.infra.remote.address import is_loopback_url


@dataclass(frozen=True, slots=True)
class Offer:
    """What is the same for every client; `authority_sha256` is empty where no authority of its own is used."""

    version: str
    path_prefix: str
    authority_sha256: str
    features: Sequence[str]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """An address of a registry, such as `https://registry.example:5000`, as its clients see it."""

    origin: str

    @property
    def address(self) -> str:
        """What the names of its images begin with: host, and port if there is one."""
        return authority_of(self.origin)

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.origin).scheme

    @property
    def is_loopback(self) -> bool:
        """Whether only clients on the same machine can mean it."""
        return is_loopback_url(self.origin)

    @property
    def needs_insecure_flag(self) -> bool:
        """Whether clients refuse it until they are told that plain HTTP is meant."""
        return self.scheme == "http" and not self.is_loopback

    @property
    def authority_url(self) -> str:
        """Where the certificate of its own authority is, if it has one; empty where no certificate is shown."""
        return f"{self.origin}{AUTHORITY_PATH}" if self.scheme == "https" else ""
