# SPDX-License-Identifier: Apache-2.0
"""What the registry has, asked for without any of the clients."""

import base64
import http.client
import json
import time

from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.layout import INDEX
from tests.interop.layout import MANIFEST
from tests.interop.layout import Json
from tests.interop.target import Target

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
COPIED_SECONDS = 120.0
ACCEPT = f"{MANIFEST}, {INDEX}, {DOCKER_MANIFEST}, {DOCKER_LIST}"


def ask(target: Target, method: str, path: str, body: Json | None = None) -> tuple[int, bytes]:
    """Send one request as the target's user, and return the status and the body of the answer."""
    credentials = base64.b64encode(f"{target.user}:{target.password}".encode()).decode()
    headers = {"Accept": ACCEPT, **({"Authorization": f"Basic {credentials}"} if target.user else {})}
    content = None
    if body is not None:
        headers["Accept"] = headers["Content-Type"] = "application/json"
        content = json.dumps(body)
    connection = http.client.HTTPConnection(target.authority, timeout=60)
    try:
        connection.request(method, path, body=content, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def has(target: Target, repository: str, reference: str) -> bool:
    """Tell whether a tag or digest is there."""
    status, _ = ask(target, "HEAD", f"/v2/{repository}/manifests/{reference}")
    return status == http.client.OK


def manifest(target: Target, repository: str, reference: str) -> Json:
    """Return a manifest or index; raise `StepError` when there is none."""
    return _document(target, f"/v2/{repository}/manifests/{reference}")


def config_of(target: Target, repository: str, reference: str) -> str:
    """Return the digest of an image's configuration, once every blob of the image has proved to be there."""
    image = manifest(target, repository, reference)
    for blob in (image["config"], *image["layers"]):
        status, _ = ask(target, "HEAD", f"/v2/{repository}/blobs/{blob['digest']}")
        expect(status == http.client.OK, f"{repository} lacks {blob['digest']} ({status})")
    digest: str = image["config"]["digest"]
    return digest


def children_of(target: Target, repository: str, reference: str) -> list[str]:
    """Return the digests that an index names, once each has proved to be a whole image."""
    digests: list[str] = [child["digest"] for child in manifest(target, repository, reference)["manifests"]]
    for digest in digests:
        config_of(target, repository, digest)
    return digests


def referrers_of(target: Target, repository: str, digest: str) -> set[str]:
    """Return the digests of everything whose subject is `digest`."""
    index = _document(target, f"/v2/{repository}/referrers/{digest}")
    return {referrer["digest"] for referrer in index["manifests"]}


def freeze(target: Target, project: str, reason: str) -> None:
    """Let nothing be pushed into a project, which is made if it is not there."""
    made, content = ask(target, "POST", "/api/v1/projects", {"name": project})
    expect(made in {http.client.CREATED, http.client.CONFLICT}, f"making the project: {made} {content[:500]!r}")
    mode = {"mode": "read-only", "reason": reason}
    status, content = ask(target, "PUT", f"/api/v1/projects/{project}/mode", mode)
    expect(status < http.client.BAD_REQUEST, f"setting its mode: {status} {content[:500]!r}")


def copy_inside(target: Target, source: str, repository: str, tag: str) -> None:
    """Have the registry copy a tag into another repository; return when it has."""
    wanted: Json = {"target": repository, "tag": tag, "follow_hours": 0}
    status, body = ask(target, "POST", f"/api/v1/repositories/{source}/-/copies", wanted)
    expect(status == http.client.ACCEPTED, f"a copy is answered with {status}: {body.decode()}")
    address, ends_at = f"/api/v1/copies/{json.loads(body)['id']}", time.monotonic() + COPIED_SECONDS
    while (copy := _document(target, address))["state"] == "running":
        expect(time.monotonic() < ends_at, f"a copy is not done after {COPIED_SECONDS} s")
        time.sleep(0.1)
    expect(copy["state"] == "done", f"a copy is {copy['state']}: {copy['reason']}")


def _document(target: Target, path: str) -> Json:
    status, content = ask(target, "GET", path)
    if status != http.client.OK:
        raise StepError(f"GET {path}: {status} {content[:500]!r}")
    document: Json = json.loads(content)
    return document
