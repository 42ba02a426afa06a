# SPDX-License-Identifier: Apache-2.0
"""Target: requests to the whole application. None is answered with 500, or with headers that are not one line each."""

import asyncio
import base64
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from hypothesis import strategies as st

from entrepot.entry.server import Server
from tests.builders.application import PASSWORD
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.fuzz.inputs import DIGEST
from tests.fuzz.inputs import MANIFESTS
from tests.fuzz.inputs import json_bytes
from tests.fuzz.inputs import near
from tests.fuzz.inputs import near_header
from tests.fuzz.inputs import near_path
from tests.fuzz.target import BrokenError
from tests.fuzz.target import Check
from tests.fuzz.target import Target
from tests.server import ROOT

OPENAPI = ROOT / "docs" / "reference" / "openapi.json"
BASIC = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
DISTRIBUTION = (
    "/v2/",
    "/v2/_catalog?n=5&last=a",
    "/v2/team/app/tags/list?n=1&last=v1",
    f"/v2/team/app/manifests/{DIGEST}?tag=a&tag=b",
    "/v2/team/app/manifests/v1",
    f"/v2/team/app/blobs/{DIGEST}",
    f"/v2/team/app/blobs/uploads/?mount={DIGEST}&from=team/other",
    f"/v2/team/app/blobs/uploads/?digest={DIGEST}",
    "/v2/team/app/blobs/uploads/?digest-algorithm=sha512",
    f"/v2/team/app/blobs/uploads/{ULID}?digest={DIGEST}",
    f"/v2/team/app/referrers/{DIGEST}?artifactType=a/b&n=2&last=x",
    "/auth/token?service=entrepot&scope=repository:team/app:pull,push&offline_token=true",
    "/healthz",
    "/metrics",
)
FORMS = (
    b"grant_type=password&username=alice&password=correct+horse&scope=repository:team/app:pull&access_type=offline",
    f"grant_type=refresh_token&refresh_token=entr_{ULID}_{'a' * 43}00000000".encode(),
)
BODIES = (
    b'{"name":"laptop","expires_in_days":30}',
    b'{"name":"team","visibility":"private"}',
    b'{"principal":"user:alice","role":"read","path_pattern":"team/**"}',
    b'{"digest":"%b"}' % DIGEST.encode(),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def _api() -> list[str]:
    """Return every path of the management API, with names in the places of parameters, and every text to ask for."""
    names = {"repository": "team/app", "digest": DIGEST, "tag": "v1", "project": "team", "principal": "user:alice"}
    paths = json.loads(OPENAPI.read_text())["paths"]
    return [
        f"{_PARAMETER.sub(lambda found: names.get(found[1], 'alice'), path)}?limit=2&cursor=dGVhbQ{_texts(operations)}"
        for path, operations in paths.items()
    ]


def _texts(operations: dict[str, Any]) -> str:
    """Ask for something by every parameter that takes any text."""
    parameters = operations.get("get", {}).get("parameters", [])
    names = [each["name"] for each in parameters if each["in"] == "query" and each["schema"].get("type") == "string"]
    return "".join(f"&{name}=team" for name in names if name != "cursor")


@contextmanager
def _serving() -> Iterator[Check]:
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-fuzz-") as folder,
        asyncio.Runner() as runner,
        an_application(Path(folder)) as application,
    ):
        runner.run(application.user("alice", ("team/**", "admin"), is_admin=True))
        server = application.server
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

        def check(sent: object) -> None:
            assert isinstance(sent, Sent)
            runner.run(_ask(server, sent))

        try:
            yield check
        finally:
            structlog.reset_defaults()


async def _ask(server: Server, sent: Sent) -> None:
    answer = await Client(server).send(sent.method, sent.target, sent.body, *sent.headers)
    if not 200 <= answer.status < 500:
        raise BrokenError(f"answered with {answer.status}: {answer.body!r}")
    for name, value in answer.headers:
        assert not set(name + value) & set("\r\n\0"), (name, value)
    if answer.header("content-type").startswith("application/json") and answer.body:
        json.loads(answer.body)


_HEADERS = st.one_of(
    st.tuples(st.just("authorization"), near_header(BASIC, "Bearer eyJ.a.b", f"Bearer ent_{ULID}_{'a' * 43}00000000")),
    st.tuples(st.just("content-type"), near_header("application/json", "application/x-www-form-urlencoded")),
    st.tuples(st.just("content-type"), near_header("application/vnd.oci.image.manifest.v1+json")),
    st.tuples(st.just("content-range"), near_header("0-7", "bytes 0-1/2")),
    st.tuples(st.just("range"), near_header("bytes=0-1,3-4")),
    st.tuples(st.just("if-none-match"), near_header(f'"{DIGEST}"', "W/*")),
    st.tuples(st.just("accept"), near_header("application/vnd.oci.image.index.v1+json, */*;q=0.1")),
    st.tuples(st.just("host"), near_header("registry.example:5000")),
    st.tuples(st.just("cookie"), near_header("a=b; session=c")),
    st.tuples(st.just("oci-tag"), near_header("v1")),
)
_LOGGED_IN = st.just(("authorization", BASIC))
_BODIES = st.one_of(
    st.just(b""),
    json_bytes(*MANIFESTS, *BODIES),
    near(*(form.decode() for form in FORMS)).map(lambda text: text.encode("utf-8", "replace")),
)
_SENT = st.builds(
    Sent,
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    near_path(*DISTRIBUTION, *_api()),
    st.lists(st.one_of(_LOGGED_IN, _HEADERS), max_size=3).map(tuple),
    _BODIES,
)

TARGETS = (Target("application", (Server,), _SENT, _serving),)
