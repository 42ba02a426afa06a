# SPDX-License-Identifier: Apache-2.0
"""The compose files: read as docker compose reads them, and confined."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from tests.deploy.tools import DEPLOY
from tests.deploy.tools import Document
from tests.deploy.tools import Tools
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.report import Report

FILES = ("compose.yaml", "full.yaml")
REQUIRED = re.compile(r"\$\{REGISTRY_URL:\?[^}]*\}")


def check_compose(tools: Tools, report: Report) -> None:
    """Read both files beside the secrets that the script makes."""
    with tempfile.TemporaryDirectory(prefix="entrepot-compose-") as scratch:
        place = Path(scratch) / "deploy" / "compose"
        shutil.copytree(DEPLOY / "compose", place, ignore=shutil.ignore_patterns("secrets", "tls"))
        with report.step("compose", "secrets are made once, and for nobody else"):
            _require_secrets(place)
        for name in FILES:
            with report.step("compose", f"{name} is read"):
                _require_confined(_read(tools, place / name))
            with report.step("compose", f"{name} asks for the address"):
                message = failure_of(lambda file=place / name: run([str(tools.compose), str(file)]))  # type: ignore[misc]
                expect("REGISTRY_URL" in message, message)


def _require_secrets(place: Path) -> None:
    script = ["sh", str(place / "secrets.sh")]
    run(script)
    made = {file.name: file.read_text() for file in (place / "secrets").iterdir()}
    expect(len(made) == 5 and all(len(text) > 40 for text in made.values()), f"these were made: {sorted(made)}")
    expect(len(made["instance.key"].strip()) == 43, "the instance key is not 32 bytes in base64url")
    expect((place / "secrets").stat().st_mode & 0o077 == 0, "others can look into the folder of the secrets")
    expect("is left as it is" in failure_of(lambda: run(script)), "a second run makes new secrets")


def _read(tools: Tools, file: Path) -> Document:
    """Return what a file says; this reader looks for variables nowhere, so the required one is put in beforehand."""
    given = file.with_name(f"given-{file.name}")
    given.write_text(REQUIRED.sub("https://registry.example", file.read_text()))
    model: Document = json.loads(run([str(tools.compose), "-format", "json", str(given)]))
    return model


def _require_confined(model: Document) -> None:
    for name, service in model["services"].items():
        expect("no-new-privileges:true" in service["security_opt"], f"{name} may get new privileges")
        expect(":" in service["image"] or service.get("build"), f"{name} has no version: {service['image']}")
    entrepot = model["services"]["entrepot"]
    expect(entrepot["user"] == "10001:10001" and entrepot["read_only"], "entrepot may write where it likes")
    expect(entrepot["cap_drop"] == ["ALL"] and "healthcheck" in entrepot, "entrepot keeps capabilities")
