# SPDX-License-Identifier: Apache-2.0
"""Puts the built console into wheels and source archives: `pip install` of either needs no Node."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from dev import console


class ConsoleHook(BuildHookInterface[Any]):
    """Builds the console unless it is built already, or the install is editable: then `make setup` builds it."""

    def dependencies(self) -> list[str]:
        """Ask for Node where the build needs it and the machine has none."""
        return [] if self._is_built() or console.has_node() else [console.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are gathered. Raises `console.CannotBuild`."""
        if version != "editable" and not self._is_built():
            console.build()

    def _is_built(self) -> bool:
        return (console.BUILT / "index.html").is_file()
