# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a bundle, in CycloneDX: every locked package, its licence, who needs it, and its wheels."""

import base64
import email.parser
import hashlib
import json
import re
import uuid
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from email.message import Message
from pathlib import Path

ROOT_NAME = "entrepot"
LONGEST_LICENCE = 60
"""More than that in the field of a licence is its text, and not its name."""

Json = dict[str, object]
"""An object of the document."""


class Unlocked(Exception):
    """What is in a bundle is not what the lock file says."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of a lock file: `needed_by` are packages, Entrepot among them; `marker` says where it is needed."""

    name: str
    version: str
    marker: str
    needed_by: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Release:
    """What is described: the version of Entrepot, when it was made (seconds since 1970), its locks and its wheels."""

    version: str
    made_at: int
    python_lock: Path
    console_lock: Path
    wheels: Path


def locked_packages(lock: str) -> list[Locked]:
    """Read what `uv pip compile` wrote, in its order."""
    found: list[Locked] = []
    for block in re.split(r"\n(?=\S)", lock.strip()):
        head = re.match(r"([a-z0-9][a-z0-9-]*)==([^\s;]+)(?: ; ([^\\\n]+))?", block)
        if head is None:
            raise Unlocked(f"this is no line of a lock file: {block.splitlines()[0]}")
        _, _, comment = block.partition("# via")
        users = (re.sub(r"[\s#]|\(.*\)", "", line) for line in comment.splitlines())
        found.append(Locked(head[1], head[2], (head[3] or "").strip(), tuple(filter(None, users))))
    return found


def wheel_name(file: Path) -> str:
    """Return the package of a wheel's file, spelled as in lock files."""
    return re.sub(r"[-_.]+", "-", file.name.partition("-")[0]).lower()


def bill_of_materials(release: Release) -> Json:
    """Return the document, the same for the same release. Raises `Unlocked`."""
    wheels: dict[str, list[Path]] = {}
    for file in sorted(release.wheels.glob("*.whl")):
        wheels.setdefault(wheel_name(file), []).append(file)
    packages = [each for each in locked_packages(release.python_lock.read_text()) if each.name in wheels]
    if strangers := wheels.keys() - {each.name for each in packages} - {ROOT_NAME}:
        raise Unlocked(f"nothing asks for the wheels of {', '.join(sorted(strangers))}")
    console = list(_console(json.loads(release.console_lock.read_text())))
    root = _component(ROOT_NAME, release.version, f"pkg:pypi/{ROOT_NAME}@{release.version}", "Apache-2.0")
    root |= {"type": "application", "externalReferences": _files(wheels.get(ROOT_NAME, []))}
    components = [*(_of_python(each, wheels[each.name]) for each in packages), *console]
    document: Json = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(release.made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": root,
        },
        "components": components,
        "dependencies": _dependencies(str(root["purl"]), packages, console),
    }
    content = json.dumps(document, sort_keys=True).encode()
    return {**document, "serialNumber": f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)}"}


def _of_python(package: Locked, files: Sequence[Path]) -> Json:
    if any(package.version != file.name.split("-")[1] for file in files):
        raise Unlocked(f"{package.name} is locked at {package.version}, and not all of its wheels are")
    component = _component(package.name, package.version, package.purl, _licence(_metadata(files[0])))
    return {**component, "externalReferences": _files(files)}


def _console(lock: dict[str, dict[str, dict[str, str]]]) -> Iterator[Json]:
    """Describe what the console's pages are made of: what is only needed to build them is not in them."""
    found: dict[str, Json] = {}
    for place, package in lock["packages"].items():
        if place and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
            component = _component(name, package["version"], purl, package.get("license", ""))
            algorithm, _, digest = package["integrity"].partition("-")
            hashes = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}]
            found[purl] = {**component, "hashes": hashes}
    yield from found.values()


def _component(name: str, version: str, purl: str, licence: str) -> Json:
    component: Json = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    # What packages say of their licence is an SPDX expression in some and a name in the others.
    return component | ({"licenses": [{"license": {"name": licence}}]} if licence else {})


def _files(wheels: Iterable[Path]) -> list[Json]:
    return [
        {
            "type": "distribution",
            "url": f"wheels/{file.name}",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}],
        }
        for file in wheels
    ]


def _dependencies(root: str, packages: Sequence[Locked], console: Sequence[Json]) -> list[Json]:
    """Say who needs what; what the pages are made of is compiled into Entrepot."""
    needs: dict[str, list[str]] = {ROOT_NAME: [str(each["purl"]) for each in console]}
    for package in packages:
        for user in package.needed_by:
            needs.setdefault(user, []).append(package.purl)
    purls = {ROOT_NAME: root} | {each.name: each.purl for each in packages}
    return [{"ref": purl, "dependsOn": sorted(needs.get(name, []))} for name, purl in purls.items()]


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", each))
        return email.parser.BytesParser().parsebytes(archive.read(name), headersonly=True)


def _licence(metadata: Message) -> str:
    """Return what a package says of its licence, empty when it says nothing short."""
    classifiers = [value.rpartition(" :: ")[2] for value in metadata.get_all("Classifier", []) if "License ::" in value]
    told = metadata.get("License-Expression") or metadata.get("License") or ""
    return told if 0 < len(told) <= LONGEST_LICENCE and "\n" not in told else " AND ".join(classifiers)
