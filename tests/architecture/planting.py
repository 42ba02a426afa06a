# SPDX-License-Identifier: Apache-2.0
"""Trees that break one rule, to prove that the rule sees it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from dev.rules.source import Rule

REPOSITORY = Path(__file__).parents[2]
HEADER = '# SPDX-License-Identifier: Apache-2.0\n"""Planted."""\n'
LAYERS = ("entry", "features", "registry", "registry/http", "registry/store", "infra", "oci", "kernel")


@dataclass(frozen=True, slots=True)
class PlantedTree:
    """A small repository on disk. Paths are relative to its root."""

    root: Path

    def plant(self, path: str, code: str = "", header: str = HEADER) -> None:
        """Write a file, beginning as every file must unless `header` says otherwise."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(header + dedent(code), encoding="utf-8")

    def plant_feature(self, name: str, *needs: str) -> None:
        """Write a feature that has the shape all features have."""
        self.plant(f"src/entrepot/features/{name}/__init__.py")
        self.plant(f"src/entrepot/features/{name}/feature.py", f"feature = Feature(name={name!r}, needs={needs!r})\n")

    def plant_layers(self) -> None:
        """Write a package with every layer and two features in it, all empty."""
        self.plant("src/entrepot/__init__.py")
        self.plant("src/entrepot/registry/tables.py")
        for layer in LAYERS:
            self.plant(f"src/entrepot/{layer}/__init__.py")
        for feature in ("sbom", "policies"):
            self.plant_feature(feature)
            self.plant(f"src/entrepot/features/{feature}/tables.py")

    def found_by(self, rule: Rule) -> list[str]:
        """Return the paths, and lines, at which `rule` sees a violation."""
        return [f"{violation.path}:{violation.line}" for violation in rule(self.root)]

    def run(self, tool: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of our tools on this tree, with the repository's own settings."""
        for settings in ("pyproject.toml", ".importlinter"):
            shutil.copy(REPOSITORY / settings, self.root)
        program = Path(sys.executable).with_name(tool)
        environment = {"PYTHONPATH": str(self.root / "src"), "COLUMNS": "500", "PATH": ""}
        return subprocess.run(
            [program, *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
