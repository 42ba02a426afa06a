# SPDX-License-Identifier: Apache-2.0
"""A name server that gives the answers it was told to give, one after another, and the last one from then on."""

import socket
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver
from aiohttp.abc import ResolveResult


class LyingResolver(AbstractResolver):
    """Each answer is the addresses that every name has at that moment."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the next answer."""
        self.asked.append(host)
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET if ip_address(each).version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Hold nothing."""
