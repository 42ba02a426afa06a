# SPDX-License-Identifier: Apache-2.0
"""The folder a run works in, and the data directories in it."""

import secrets
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from bench import catalogue
from tests.server import free_port
from tests.server import start_entrepot
from tests.server import stop


class Workspace:
    """Makes data directories: both catalogues once, others anew for every row."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._numbers = count()

    def fresh(self, name: str) -> Path:
        """Return a folder that does not exist yet."""
        return self._root / f"{name}-{next(self._numbers)}"

    def catalogues(self) -> tuple[Path, Path]:
        """Return two data directories with the same catalogue, for two servers, making them at the first call."""
        first, second = self._root / "catalogue-1", self._root / "catalogue-2"
        if not first.exists():
            catalogue.build(first)
            shutil.copytree(first, second)
        return first, second

    def empty(self) -> tuple[Path, str]:
        """Return a data directory as the first start leaves it, and the administrator's password."""
        data = self.fresh("entrepot")
        return data, first_start(data)


def first_start(data: Path, environment: Mapping[str, str] | None = None) -> str:
    """Have a data directory made, or begun with, and return the administrator's password."""
    password = secrets.token_urlsafe(16)
    stop(start_entrepot(data, free_port(), password, environment=environment).process)
    return password
