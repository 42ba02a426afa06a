# SPDX-License-Identifier: Apache-2.0
"""After the kills: `entrepot verify` is clean, and everything acknowledged is there, byte for byte."""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.crash.client import Client
from tests.crash.client import require
from tests.crash.ledger import Key
from tests.crash.ledger import Ledger
from tests.server import ENTREPOT
from tests.server import own_environment

ACCEPTED = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
VERIFY_SECONDS = 600.0


def verify(
    data: Path, ledger: Ledger, when: str, environment: Mapping[str, str] | None = None, *, is_deep: bool = False
) -> None:
    """Run `entrepot verify`; a status other than 0, or output that is not JSON, is a violation."""
    command = [str(ENTREPOT), "verify", "--data", str(data), "--json", *(["--deep"] if is_deep else [])]
    told = {**own_environment(), **(environment or {})}
    finished = subprocess.run(command, capture_output=True, text=True, timeout=VERIFY_SECONDS, check=False, env=told)
    said = f"{finished.stdout[-4000:]}{finished.stderr[-4000:]}"
    try:
        json.loads(finished.stdout)
    except ValueError:
        ledger.violation(f"entrepot verify, {when}, printed no JSON, status {finished.returncode}:\n{said}")
        return
    if finished.returncode != 0:
        ledger.violation(f"entrepot verify, {when}, status {finished.returncode}:\n{said}")


@dataclass(slots=True)
class Audit:
    """Reads back what the ledger says was acknowledged."""

    client: Client
    ledger: Ledger
    intact: set[Key] = field(default_factory=set)

    def run(self) -> None:
        """Check tags, manifests, blobs, tag lists and referrers."""
        present: dict[str, set[str]] = {repository: set() for repository, _ in self.ledger.tags}
        for repository, tag in self.ledger.tags:
            if self._tag(repository, tag):
                present[repository].add(tag)
        for repository, tags in present.items():
            self._tag_list(repository, tags)
        for (repository, digest), content in self.ledger.manifests.items():
            self._manifest(repository, digest)
            self._referrer(repository, digest, content)
        for repository, digest in self.ledger.blobs:
            self._blob(repository, digest)

    def _tag(self, repository: str, tag: str) -> bool:
        """Check that a tag has one of its possible values, and pull it whole; tell whether it exists."""
        answer = self._get(f"/v2/{repository}/manifests/{tag}")
        actual = None if answer is None else _digest(answer)
        possible = self.ledger.possible(repository, tag)
        if actual not in possible:
            self.ledger.violation(f"{repository}:{tag} is {actual}, acknowledged: {possible}")
        if answer is not None:
            self.ledger.count("tags pulled")
            self._whole(repository, answer)
        return answer is not None

    def _whole(self, repository: str, content: bytes) -> None:
        """Pull everything that a manifest names."""
        manifest = json.loads(content)
        for child in manifest.get("manifests", []):
            self._manifest(repository, child["digest"])
        for descriptor in [*manifest.get("layers", []), *([manifest["config"]] if "config" in manifest else [])]:
            self._blob(repository, descriptor["digest"])

    def _manifest(self, repository: str, digest: str) -> None:
        if (repository, digest) in self.intact:
            return
        content = self._get(f"/v2/{repository}/manifests/{digest}")
        if content is None or _digest(content) != digest:
            state = "missing" if content is None else "another one"
            self.ledger.violation(f"manifest {repository}@{digest} is {state}")
            return
        self.intact.add((repository, digest))
        self._whole(repository, content)

    def _blob(self, repository: str, digest: str) -> None:
        if (repository, digest) in self.intact:
            return
        content = self._get(f"/v2/{repository}/blobs/{digest}")
        if content is None or _digest(content) != digest:
            state = "missing" if content is None else f"{len(content)} other bytes"
            self.ledger.violation(f"blob {repository}@{digest} is {state}")
            return
        self.intact.add((repository, digest))

    def _tag_list(self, repository: str, tags: set[str]) -> None:
        listed = json.loads(self._get(f"/v2/{repository}/tags/list?n=10000") or b'{"tags": []}')["tags"]
        if set(listed) != tags or listed != sorted(listed):
            self.ledger.violation(f"{repository}: listed tags differ from readable ones: {set(listed) ^ tags}")

    def _referrer(self, repository: str, digest: str, content: bytes) -> None:
        """Check that a manifest with a subject is among the subject's referrers."""
        subject = json.loads(content).get("subject")
        if subject is None:
            return
        index = json.loads(self._get(f"/v2/{repository}/referrers/{subject['digest']}") or b'{"manifests": []}')
        if digest not in [descriptor["digest"] for descriptor in index["manifests"]]:
            self.ledger.violation(f"{repository}: {digest} is not listed as a referrer of {subject['digest']}")

    def _get(self, path: str) -> bytes | None:
        """Return what is at `path`, None when there is nothing."""
        answer = require(self.client.until_answered("GET", path, headers={"Accept": ACCEPTED}), (200, 404), path)
        return answer.body if answer.status == 200 else None


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
