# SPDX-License-Identifier: Apache-2.0
"""The pinned tools, installed or built once, and what several parts ask of them."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interop.commands import run
from tests.interop.programs import build_go
from tests.interop.programs import build_python
from tests.interop.tools import GoPin
from tests.interop.tools import PythonPin
from tests.interop.tools import install_packages
from tests.interop.tools import load_pins
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm"
PINS = Path(__file__).with_name("pins.toml")

_TO_JSON = "import json, sys, yaml; print(json.dumps([each for each in yaml.safe_load_all(sys.stdin) if each]))"
_IS_KUBERNETES = """
import functools, json, sys
from kubernetes_validate import utils
utils.schema_contents = functools.cache(utils.schema_contents)
for document in json.load(sys.stdin):
    utils.validate(document, sys.argv[1], strict=True)
"""
_IS_CYCLONEDX = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))
"""

Document = dict[str, Any]
"""A document as the tools tell it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that are no Debian packages, and a Python that knows the schemas."""

    helm: Path
    compose: Path
    python: Path

    def documents(self, yaml: str) -> list[Document]:
        """Read every document of a YAML stream. Raises `StepError` when it is none."""
        found: list[Document] = json.loads(run([str(self.python), "-c", _TO_JSON], stdin=yaml))
        return found

    def require_kubernetes(self, documents: list[Document], version: str) -> None:
        """Hold documents to the schemas of a version, without a field that they lack. Raises `StepError`."""
        run([str(self.python), "-c", _IS_KUBERNETES, version], stdin=json.dumps(documents))

    def require_cyclonedx(self, document: str) -> None:
        """Hold a bill of materials to its schema. Raises `StepError`."""
        run([str(self.python), "-c", _IS_CYCLONEDX], stdin=document)


def provide_tools() -> Tools:
    """Install and build what pins.toml names. Raises `StepError` where something cannot be had."""
    pins = tomllib.loads(PINS.read_text())
    install_packages({name: Path(program) for name, program in pins["debian"].items()})
    schemas = pins["python"]["schemas"]
    return Tools(
        build_go("helm", load_pins().go["helm"]),
        build_go("compose", GoPin(**pins["go"]["compose"])),
        build_python("schemas", PythonPin(schemas["requirement"], PINS.with_name(schemas["lock"]))),
    )
