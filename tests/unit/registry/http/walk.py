# SPDX-License-Identifier: Apache-2.0
"""A walk over every route of the registry API that hands out or takes content."""

from collections.abc import Iterator
from typing import NamedTuple

from entrepot.oci.digest import digest_of
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.http.routing import Endpoint
from tests.builders.asgi import Answer
from tests.builders.asgi import Headers
from tests.builders.asgi import ask
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

REASON = "the planted gate says no"

KNOWN = an_image_manifest()
"""What the tags `latest` and `stable` point at."""
NEW = an_index(KNOWN.descriptor())
"""What is being pushed."""
LAYER = digest_of(A_LAYER)
NEW_BLOB = b"a blob that is being pushed"
NO_UPLOAD = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

MANIFESTS, BLOBS = f"/v2/{REPOSITORY}/manifests", f"/v2/{REPOSITORY}/blobs"

ADDRESSES = {
    Endpoint.PING: "/v2/",
    Endpoint.CATALOG: "/v2/_catalog",
    Endpoint.DISCOVER: "/v2/_oci/ext/discover",
    Endpoint.TAGS: f"/v2/{REPOSITORY}/tags/list",
    Endpoint.REFERRERS: f"/v2/{REPOSITORY}/referrers/{KNOWN.digest}",
    Endpoint.MANIFEST: f"{MANIFESTS}/latest",
    Endpoint.BLOB: f"{BLOBS}/{LAYER}",
    Endpoint.UPLOADS: f"{BLOBS}/uploads/",
    Endpoint.UPLOAD: f"{BLOBS}/uploads/{NO_UPLOAD}",
}
"""One address of each endpoint."""

WITHOUT_CONTENT = {
    (Endpoint.PING, "GET"): "says that the API is there",
    (Endpoint.CATALOG, "GET"): "lists names",
    (Endpoint.DISCOVER, "GET"): "lists names",
    (Endpoint.TAGS, "GET"): "lists names",
    (Endpoint.REFERRERS, "GET"): "lists descriptors; what they describe is gated",
    (Endpoint.UPLOAD, "GET"): "tells an offset",
    (Endpoint.UPLOAD, "DELETE"): "throws bytes away",
    (Endpoint.BLOB, "DELETE"): "takes a link away that no manifest uses",
    (Endpoint.UPLOAD, "PATCH"): "belongs to a session, which only a gated POST opens",
    (Endpoint.UPLOAD, "PUT"): "belongs to a session, which only a gated POST opens",
}
"""Why no gate is asked there. A HEAD is like the GET."""


class Step(NamedTuple):
    """A request that a gate must be able to refuse."""

    method: str
    target: str
    body: bytes = b""
    headers: Headers = ()

    def __str__(self) -> str:
        """Show it in a failure."""
        return f"{self.method} {self.target}"


def reading(method: str) -> list[Step]:
    """Ask for the manifest by tag and digest, and for the layer whole and in parts."""
    return [
        Step(method, f"{MANIFESTS}/latest"),
        Step(method, f"{MANIFESTS}/{KNOWN.digest}"),
        Step(method, f"{BLOBS}/{LAYER}"),
        Step(method, f"{BLOBS}/{LAYER}", headers=[("range", "bytes=0-3")]),
        Step(method, f"{BLOBS}/{LAYER}", headers=[("range", "bytes=0-3,5-6")]),
        Step(method, f"{BLOBS}/{LAYER}", headers=[("if-none-match", f'"{LAYER}"')]),
    ]


def pushing(reference: str) -> Step:
    """Push the new manifest; the reference may have a query."""
    return Step("PUT", f"{MANIFESTS}/{reference}", NEW.payload, [("content-type", NEW.media_type)])


STEPS = [
    *reading("GET"),
    *reading("HEAD"),
    pushing("fresh"),
    pushing("latest"),
    pushing(f"{NEW.digest}?tag=fresh"),
    pushing(NEW.digest),
    Step("DELETE", f"{MANIFESTS}/latest"),
    Step("DELETE", f"{MANIFESTS}/{KNOWN.digest}"),
    Step("POST", f"{BLOBS}/uploads/"),
    Step("POST", f"{BLOBS}/uploads/?digest={digest_of(NEW_BLOB)}", NEW_BLOB),
    Step("POST", f"/v2/team/fresh/blobs/uploads/?mount={LAYER}&from={REPOSITORY}"),
]


async def arrange(running: RunningCore) -> None:
    """Fill the repository, and let the leases of its blobs end."""
    await running.put_image(KNOWN, "latest", "stable")
    running.clock.advance(running.core.settings.lease_hours * 3_600_000 + 1)


def steps(application: RegistryApplication) -> Iterator[Step]:
    """Yield the requests above, and one for every route that nobody has thought of above."""
    yield from STEPS
    for endpoint, method in application._endpoints:
        is_covered = any(step.method == method and step.target.startswith(ADDRESSES[endpoint]) for step in STEPS)
        alike = "GET" if method == "HEAD" else method
        if not is_covered and (endpoint, alike) not in WITHOUT_CONTENT:
            yield Step(method, ADDRESSES[endpoint], b"content")


async def bypasses(application: RegistryApplication) -> list[str]:
    """Walk the routes while every gate denies; return those that answered anything but the gate's reason."""
    return [str(step) for step in steps(application) if not is_refused(step, await take(application, step))]


async def take(application: RegistryApplication, step: Step) -> Answer:
    """Send the request of a step."""
    return await ask(application, step.method, step.target, step.body, step.headers)


def is_refused(step: Step, answer: Answer) -> bool:
    """Tell whether the answer is the gate's denial: 403 `DENIED`, in one line."""
    if step.method == "HEAD":
        return answer.status == 403 and answer.body == b""
    return answer.status == 403 and answer.json == {"errors": [{"code": "DENIED", "message": REASON}]}
