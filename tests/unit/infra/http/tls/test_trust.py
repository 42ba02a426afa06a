# SPDX-License-Identifier: Apache-2.0
"""Having clients trust an authority: asked for on a loopback socket, written below a folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.tls.authority import fingerprint
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.signing import Signer
from entrepot.infra.http.tls.trust import AUTHORITY_PATH
from entrepot.infra.http.tls.trust import Authority
from entrepot.infra.http.tls.trust import NotTrusted
from entrepot.infra.http.tls.trust import fetch_authority
from entrepot.infra.http.tls.trust import notes_for
from entrepot.infra.http.tls.trust import steps_for
from entrepot.kernel.clock import system_clock
from tests.server import free_port
from tests.unit.infra.http.serving.applications import say
from tests.unit.infra.http.serving.site import serving
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place

ISSUER = authority("localhost", "127.0.0.1", "::1", "registry.test")
PEM = pem(ISSUER.certificate)
FINGERPRINT = fingerprint(ISSUER.certificate)
FILES = {"docker": ["ca.crt"], "containers": ["ca.crt"], "containerd": ["ca.crt", "hosts.toml"]}
KNOWN = Authority(PEM, ("registry.test:5000", "[::1]:5000"))


def giving(content: bytes, status: int = 200) -> AsgiApplication:
    """Return an application that gives `content` as its authority."""

    async def give(scope: Scope, receive: Receive, send: Send) -> None:
        await say(send, content if scope["path"] == AUTHORITY_PATH else b"", status)

    return give


@asynccontextmanager
async def registry(folder: Path, signer: Signer, application: AsgiApplication) -> AsyncIterator[str]:
    """Serve with TLS until the block ends."""
    live = await asyncio.to_thread(LiveCertificate, place(folder, signer, ISSUER), system_clock)
    async with serving(application, tls=live.context) as site:
        yield f"https://127.0.0.1:{site.port}"


@pytest.mark.anyio
async def test_the_expected_authority_is_taken_with_all_names(tmp_path: Path) -> None:
    """A registry that is asked on loopback goes by its other names too, each with the port."""
    signer = leaf(ISSUER, "localhost", "127.0.0.1", "::1", "registry.test")
    async with registry(tmp_path, signer, giving(PEM)) as url:
        taken = await asyncio.to_thread(fetch_authority, url, FINGERPRINT.upper())
    port = url.rpartition(":")[2]

    assert taken.pem == PEM
    assert set(taken.registries) == {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]", "registry.test")}
    assert taken.registries[0] == f"127.0.0.1:{port}"


@pytest.mark.anyio
async def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    """Whoever stands between gives one of his own: its fingerprint is another."""
    async with registry(tmp_path, leaf(ISSUER), giving(pem(authority("localhost").certificate))) as url:
        with pytest.raises(NotTrusted, match="another fingerprint"):
            await asyncio.to_thread(fetch_authority, url, FINGERPRINT)


@pytest.mark.anyio
async def test_a_server_of_another_authority_is_not_trusted(tmp_path: Path) -> None:
    """Giving the right authority is not enough: the server's own certificate has to be of it."""
    async with registry(tmp_path, leaf(authority("127.0.0.1")), giving(PEM)) as url:
        with pytest.raises(NotTrusted, match="does not verify"):
            await asyncio.to_thread(fetch_authority, url, FINGERPRINT)


@pytest.mark.anyio
async def test_a_name_that_the_certificate_lacks_is_told_of(tmp_path: Path) -> None:
    """With the setting that adds it."""
    async with registry(tmp_path, leaf(ISSUER, "registry.test"), giving(PEM)) as url:
        with pytest.raises(NotTrusted, match="does not verify") as caught:
            await asyncio.to_thread(fetch_authority, url, FINGERPRINT)

    assert "server.allowed_hosts" in caught.value.hint


@pytest.mark.anyio
@pytest.mark.parametrize(("content", "status", "said"), [(b"", 404, "no local authority"), (b"no", 200, "not a cert")])
async def test_a_server_without_an_authority_is_told_of(tmp_path: Path, content: bytes, status: int, said: str) -> None:
    """Or with something else in its place."""
    async with registry(tmp_path, leaf(ISSUER), giving(content, status)) as url:
        with pytest.raises(NotTrusted, match=said):
            await asyncio.to_thread(fetch_authority, url, FINGERPRINT)


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://localhost", "not an address of https"), ("https://127.0.0.1:{port}", "does not answer")],
)
def test_a_server_that_cannot_be_asked_is_told_of(url: str, said: str) -> None:
    """Plain HTTP has nothing to trust."""
    with pytest.raises(NotTrusted, match=said):
        fetch_authority(url.format(port=free_port()), FINGERPRINT)


def test_each_client_finds_the_authority_where_it_looks(tmp_path: Path) -> None:
    """docker and podman in a folder for each registry; containerd beside a file that names it."""
    for step in steps_for(KNOWN, ("docker", "podman", "containerd"), tmp_path):
        step.carry_out()
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    hosts = (tmp_path / "etc/containerd/certs.d/registry.test:5000/hosts.toml").read_text()

    assert written == {
        f"etc/{client}/certs.d/{registry}/{name}"
        for client, names in {
            "docker": ["ca.crt"],
            "containers": ["ca.crt"],
            "containerd": ["ca.crt", "hosts.toml"],
        }.items()
        for registry in KNOWN.registries
        for name in names
    }
    assert 'ca = "/etc/containerd/certs.d/registry.test:5000/ca.crt"' in hosts


def test_a_file_for_containerd_that_somebody_wrote_is_left_alone(tmp_path: Path) -> None:
    """What to add to it is said."""
    hosts = tmp_path / "etc/containerd/certs.d/registry.test:5000/hosts.toml"
    hosts.parent.mkdir(parents=True)
    hosts.write_text("# mine\n")
    steps = {str(step): step for step in steps_for(KNOWN, ("containerd",), tmp_path)}

    with pytest.raises(NotTrusted, match="is not replaced") as caught:
        steps[f"write {hosts}"].carry_out()
    assert hosts.read_text() == "# mine\n"
    assert "ca = " in caught.value.hint


def test_the_same_command_may_be_given_again(tmp_path: Path) -> None:
    """Files that are as they should be stay so."""
    for _ in range(2):
        for step in steps_for(KNOWN, ("docker", "containerd"), tmp_path):
            step.carry_out()

    assert (tmp_path / "etc/docker/certs.d/registry.test:5000/ca.crt").read_bytes() == PEM


@pytest.mark.parametrize("store", ["usr/local/share/ca-certificates", "etc/pki/ca-trust/source/anchors"])
def test_helm_finds_the_authority_among_those_of_the_system(tmp_path: Path, store: str) -> None:
    """Debian and Fedora keep them in different places; a system that is not known is told of."""
    (tmp_path / store).mkdir(parents=True)
    (step,) = steps_for(KNOWN, ("helm",), tmp_path)
    step.carry_out()

    assert [path.read_bytes() for path in (tmp_path / store).iterdir()] == [PEM]
    with pytest.raises(NotTrusted, match="is not known"):
        steps_for(KNOWN, ("helm",), tmp_path / "elsewhere")


def test_every_node_of_kind_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through docker, which here is a program that writes down what it is told."""
    for name, script in {
        "kind": "echo one two",
        "docker": f'echo "$@" >> {tmp_path}/said; cat >> {tmp_path}/given',
    }.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for step in steps_for(Authority(PEM, ("registry.test:5000",)), ("kind",), Path("/")):
        step.carry_out()
    said = (tmp_path / "said").read_text()

    assert [line.split()[2] for line in said.splitlines()] == ["one", "one", "two", "two"]
    assert said.count("/etc/containerd/certs.d/registry.test:5000 ca.crt") == 2
    assert (tmp_path / "given").read_bytes().count(PEM) == 2


def test_a_program_that_fails_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it said."""
    program = tmp_path / "kind"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(NotTrusted, match="kind get nodes --all-clusters failed: broken"):
        steps_for(KNOWN, ("kind",), Path("/"))


def test_what_is_left_for_containerd_is_said(tmp_path: Path) -> None:
    """Unless its configuration names the folder already."""
    before = list(notes_for(("containerd",), tmp_path))
    (tmp_path / "etc/containerd").mkdir(parents=True)
    (tmp_path / "etc/containerd/config.toml").write_text('config_path = "/etc/containerd/certs.d"')

    assert ["config_path" in note for note in before] == [True]
    assert list(notes_for(("containerd",), tmp_path)) == []
    assert list(notes_for(("docker",), tmp_path)) == []
