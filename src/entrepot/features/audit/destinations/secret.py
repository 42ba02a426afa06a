# SPDX-License-Identifier: Apache-2.0
"""What a destination is logged in to or signed with. It is read when it is used, so that it may be replaced."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from entrepot.features.audit.destinations.interface import NotDelivered

MAX_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Secret:
    """Where it stands: in a file, or in a variable of the environment."""

    file: str = ""
    variable: str = ""

    async def read(self) -> str:
        """Return it; empty where neither is named. Raises `NotDelivered`, which names the place only."""
        if not self.file and not self.variable:
            return ""
        place = self.file or f"the variable {self.variable}"
        try:
            found = await asyncio.to_thread(_content, self.file) if self.file else os.environ.get(self.variable, "")
        except (OSError, ValueError) as error:
            raise NotDelivered(f"the secret in {place} cannot be read") from error
        if not found.strip():
            raise NotDelivered(f"there is no secret in {place}")
        return found.strip()


def _content(file: str) -> str:
    with Path(file).open("rb") as opened:
        return opened.read(MAX_BYTES).decode()
