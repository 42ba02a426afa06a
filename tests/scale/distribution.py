# SPDX-License-Identifier: Apache-2.0
"""Debian's docker-registry on a folder or a bucket, and a client that pushes to it and to Entrepot alike."""

import base64
import http.client
import json
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from tests.builders.manifests import BuiltManifest
from tests.interop.commands import expect
from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import S3
from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

PROGRAM = Path("/usr/bin/docker-registry")
PACKAGES = {"docker-registry": PROGRAM}
ROOT_IN_BUCKET = "old/registry"
OF_THIS_MACHINE = {"AWS_CA_BUNDLE": ""}
"""What it must not hear: where the variable is set, its own transport makes its S3 client give up at the start."""
ACCEPT = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"


class Client:
    """Pushes to and pulls from a registry. Every unexpected answer raises `StepError`."""

    def __init__(self, authority: str, user: str = "", password: str = "") -> None:
        self._authority = authority
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """Send a request; return the status, the body and where it leads."""
        sent = {
            "Accept": ACCEPT,
            **({"Authorization": f"Basic {self._login}"} if self._login else {}),
            **(headers or {}),
        }
        connection = http.client.HTTPConnection(self._authority, timeout=60)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Location", "")
        finally:
            connection.close()

    def put_blob(self, repository: str, content: bytes) -> Digest:
        """Push a blob."""
        digest = digest_of(content)
        status, _, location = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        expect(status == 202, f"an upload begins with {status}")
        path = location if location.startswith("/") else "/" + location.split("/", 3)[3]
        there = f"{path}{'&' if '?' in path else '?'}{urlencode({'digest': digest})}"
        status, said, _ = self.ask("PUT", there, content, {"Content-Type": "application/octet-stream"})
        expect(status == 201, f"an upload ends with {status}: {said!r}")
        return digest

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """Ask for a blob of another repository; tell whether it was mounted."""
        query = urlencode({"mount": digest, "from": source})
        return self.ask("POST", f"/v2/{repository}/blobs/uploads/?{query}")[0] == 201

    def put_manifest(self, repository: str, built: BuiltManifest, reference: str) -> None:
        """Push a manifest by a tag or its digest."""
        path = f"/v2/{repository}/manifests/{reference}"
        status, said, _ = self.ask("PUT", path, built.payload, {"Content-Type": built.media_type})
        expect(status == 201, f"a manifest is answered {status}: {said!r}")

    def free(self, repository: str, digest: Digest) -> int:
        """Delete an artifact of Entrepot's for good; return how many bytes that gave back."""
        status, said, _ = self.ask("POST", f"/api/v1/repositories/{repository}/-/artifacts/{digest}:free-now")
        expect(status == 200, f"deleting an artifact is answered {status}: {said!r}")
        freed: int = json.loads(said)["freed"]["freed_bytes"]
        return freed

    def pull(self, repository: str, reference: str) -> dict[Digest, bytes]:
        """Pull an image, or an index with its images: all bytes by digest."""
        status, payload, _ = self.ask("GET", f"/v2/{repository}/manifests/{reference}")
        expect(status == 200, f"{repository}:{reference} is answered {status}")
        found = {digest_of(payload): payload}
        document = json.loads(payload)
        for child in document.get("manifests", []):
            found |= self.pull(repository, child["digest"])
        for blob in [document["config"], *document["layers"]] if "config" in document else []:
            status, content, _ = self.ask("GET", f"/v2/{repository}/blobs/{blob['digest']}")
            expect(status == 200, f"{blob['digest']} is answered {status}")
            found[blob["digest"]] = content
        return found


@contextmanager
def docker_registry(folder: Path, storage: Mapping[str, object]) -> Iterator[Client]:
    """Run it with a storage until the block ends."""
    port = free_port()
    configuration = {
        "version": 0.1,
        "storage": {**storage, "delete": {"enabled": True}, "redirect": {"disable": True}},
        "http": {"addr": f"{HOST}:{port}"},
    }
    file, log = folder / "registry.json", folder / "registry.log"
    file.write_text(json.dumps(configuration))
    process = launch([str(PROGRAM), "serve", str(file)], log, environment=OF_THIS_MACHINE)
    with stopping(process, log):
        wait_until(lambda: answers(f"http://{HOST}:{port}/v2/"), "docker-registry to answer", process, log)
        yield Client(f"{HOST}:{port}")


def in_folder(root: Path) -> Mapping[str, object]:
    """Let it keep everything in a folder."""
    return {"filesystem": {"rootdirectory": str(root)}}


def in_bucket(s3: S3) -> Mapping[str, object]:
    """Let it keep everything below a prefix of a bucket."""
    settings = {
        "accesskey": KEY_ID,
        "secretkey": s3.secret,
        "region": REGION,
        "regionendpoint": s3.url,
        "bucket": BUCKET,
        "rootdirectory": f"/{ROOT_IN_BUCKET}",
        "secure": False,
        "v4auth": True,
    }
    return {"s3": settings}
