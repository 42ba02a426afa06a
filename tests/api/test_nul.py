# SPDX-License-Identifier: Apache-2.0
"""NUL, the one character that PostgreSQL neither stores nor compares: refused in addresses, queries and bodies."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders.application import Application
from tests.builders.application import Client

NUL = "a%00b"
IN_BRACES = re.compile(r"{[^}]+}")
BESIDE = (
    "/v2/_catalog?last=a%00b",
    "/v2/team/app/tags/list?last=a%00b",
    "/v2/team/app/blobs/uploads/a%00b",
    "/v2/team/app/manifests/a%00b",
    "/v2/team%00/tags/list",
    f"/v2/team/app/referrers/sha256:{'0' * 64}?artifactType=a%00b",
    "/auth/token?service=entrepot&scope=repository:a%00b:pull",
    "/projects/a%00b",
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """Somebody who may do everything."""
    return await application.user("root", ("team/**", "admin"), is_admin=True)


def operations(application: Application) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the address, the method and the description of each operation of the management API."""
    for path, methods in application.instance.api.openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


async def test_no_parameter_takes_it(application: Application, root: Client) -> None:
    """Whatever is asked for, and whatever it is narrowed by."""
    for path, method, operation in operations(application):
        if method == "GET":
            for each in operation.get("parameters", []):
                if each["in"] == "query":
                    answer = await root.get(f"{IN_BRACES.sub('team', path)}?{each['name']}={NUL}")
                    assert answer.status == 400, (path, each["name"])


async def test_no_address_takes_it(application: Application, root: Client) -> None:
    """Nothing is called so."""
    for path, method, _ in operations(application):
        for place in IN_BRACES.findall(path):
            target = IN_BRACES.sub("team", path.replace(place, NUL, 1))
            answer = await root.send(method, target, b"{}", ("content-type", "application/json"))
            assert answer.status == 400, (method, target)


async def test_no_body_takes_it(application: Application, root: Client) -> None:
    """Neither as a name nor as a value, however deep; a backslash before it makes it another text."""
    for path, method, operation in operations(application):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            for document in ({"name": "a\0b"}, {"a\0b": 1}, {"deep": [{"er": ["\0"]}]}):
                answer = await root.send_json(method, IN_BRACES.sub("team", path), document)
                assert answer.status == 400, (method, path, document)
    made = await root.post("/api/v1/groups", {"name": "team", "description": "a\\u0000"})
    assert (made.status, made.json["description"]) == (201, "a\\u0000")


@pytest.mark.parametrize("target", BESIDE)
async def test_nothing_fails_by_it(root: Client, target: str) -> None:
    """Clients of the registry are refused, or find nothing."""
    assert 400 <= (await root.get(target)).status < 500
