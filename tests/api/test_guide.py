# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/guide`."""

from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.rules.features import feature_names
from entrepot import __version__
from entrepot.entry.tls import authority_fingerprint
from entrepot.infra.http.tls.authority import LocalAuthority
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application

GUIDE = "/api/v1/guide"
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.anyio


@pytest.fixture
def called(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Application]:
    """Hold an application with settings of the server, beside a local authority that is there already."""
    LocalAuthority(tmp_path / "tls", {"registry.example"}, system_clock).prepare()
    with an_application(tmp_path, **request.param) as application:
        yield application


async def ask(application: Application, host: str) -> Answer:
    """Ask without credentials, as a client that calls the server by this name."""
    return await application.anonymous().send("GET", GUIDE, b"", ("host", host))


async def test_nobody_needs_to_be_logged_in(application: Application) -> None:
    """The address is the host that was asked for, when it is one that this server is known by; no cache keeps it."""
    answer = await ask(application, "localhost:5000")

    assert answer.status == 200
    assert answer.header("cache-control") == "no-store"
    shown = answer.json
    assert shown.pop("features")
    assert shown == {
        "address": "localhost:5000",
        "scheme": "http",
        "is_loopback": True,
        "needs_insecure_flag": False,
        "certificate_authority": None,
        "path_prefix": "",
        "version": None,
    }


async def test_a_host_that_is_not_known_is_no_address(application: Application) -> None:
    """Whoever makes a browser send another name cannot have clients log in there."""
    answer = await ask(application, "evil.example")

    assert answer.json["address"] == "localhost"


@pytest.mark.parametrize(
    ("called", "address", "is_insecure"),
    [
        ({"public_url": "https://registry.example"}, "registry.example", False),
        ({"public_url": "http://registry.example:5000"}, "registry.example:5000", True),
        ({"public_url": "http://127.0.0.1:5000"}, "127.0.0.1:5000", False),
        ({"public_url": "http://[::1]:5000"}, "[::1]:5000", False),
    ],
    indirect=["called"],
)
async def test_the_configured_address_comes_first(called: Application, address: str, is_insecure: bool) -> None:
    """Plain HTTP takes a flag in clients, but not where it stays on the machine."""
    shown = (await ask(called, "localhost")).json

    assert (shown["address"], shown["needs_insecure_flag"]) == (address, is_insecure)


@pytest.mark.parametrize("called", [{"public_url": "https://registry.example", "tls": {"mode": "auto"}}], indirect=True)
async def test_an_authority_of_its_own_is_named(called: Application) -> None:
    """With its address, and the fingerprint that `entrepot trust` asks for."""
    shown = (await ask(called, "localhost")).json["certificate_authority"]

    fingerprint = await to_thread(authority_fingerprint, called.instance.settings)
    assert fingerprint.startswith("sha256:")
    assert shown == {"url": "https://registry.example/tls/ca.crt", "sha256": fingerprint}


@pytest.mark.parametrize("called", [{"public_url": "http://registry.example", "tls": {"mode": "auto"}}], indirect=True)
async def test_no_authority_is_named_where_no_certificate_is_shown(called: Application) -> None:
    """Behind a proxy that speaks plain HTTP, none of ours is seen."""
    assert (await ask(called, "localhost")).json["certificate_authority"] is None


@pytest.mark.parametrize("called", [{"path_prefix": "/registry-ui"}], indirect=True)
async def test_the_path_prefix_is_told(called: Application) -> None:
    """So that a page knows where it is."""
    shown = (await called.anonymous().get(f"/registry-ui{GUIDE}")).json

    assert shown["path_prefix"] == "/registry-ui"


async def test_every_mounted_feature_is_named(application: Application) -> None:
    """Each is the tag of its operations and the name of its folder."""
    features = (await ask(application, "localhost")).json["features"]

    described = application.instance.api.openapi()["paths"]
    tags = {tag for path in described.values() for operation in path.values() for tag in operation["tags"]}
    assert features == sorted(tags)
    assert set(features) <= set(feature_names(ROOT))


async def test_the_version_is_for_those_who_are_logged_in(application: Application, alice: Client) -> None:
    """Credentials that are not good count as none, so that a page for logging in can always be shown."""
    wrong = Client(application.server, (("authorization", "Bearer nonsense"),))

    assert (await alice.get(GUIDE)).json["version"] == __version__
    answer = await wrong.get(GUIDE)
    assert (answer.status, answer.json["version"]) == (200, None)
