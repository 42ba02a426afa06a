# SPDX-License-Identifier: Apache-2.0
"""TLS as a configuration asks for it."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest

from entrepot.entry.configuration import ServerSettings
from entrepot.entry.configuration import Settings
from entrepot.entry.tls import Tls
from entrepot.entry.tls import certificate_names
from entrepot.entry.tls import local_authority
from entrepot.entry.tls import open_tls
from entrepot.infra.http.serving.listeners import Address
from entrepot.infra.http.serving.listeners import addresses
from entrepot.infra.http.tls.authority import fingerprint
from entrepot.infra.http.tls.authority import first_certificate
from entrepot.infra.http.tls.pair import CertificateUnusable
from entrepot.infra.http.tls.settings import TlsSettings
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import place

ACME = {"directory": "https://authority.test/dir", "hosts": ["registry.test"], "agree_terms": True}
LISTENING = addresses("127.0.0.1")
EVERYWHERE = (Address(socket.AF_INET, "0.0.0.0"),)  # noqa: S104 - nothing listens there


def configured(data: Path, *, public_url: str = "", **tls: Any) -> Settings:
    """Return settings with TLS."""
    return Settings(data_dir=data, server=ServerSettings(tls=TlsSettings(**tls), public_url=public_url))


def opened(settings: Settings, listening: tuple[Address, ...] = LISTENING) -> Tls:
    """Open what the settings ask for, which is not nothing."""
    tls = open_tls(settings, listening, 5_000)
    assert tls is not None
    return tls


def test_tls_is_off_by_default(tmp_path: Path) -> None:
    """Nothing is made, and there is no authority to give."""
    settings = configured(tmp_path)

    assert open_tls(settings, LISTENING, 5_000) is None
    assert local_authority(settings) is None
    assert list(tmp_path.iterdir()) == []


def test_files_are_served_with_and_told_of(tmp_path: Path) -> None:
    """What is doubtful about them is said at the start."""
    pair = place(tmp_path / "files", leaf(None))
    pair.key.chmod(0o644)

    tls = opened(configured(tmp_path, cert=pair.cert, key=pair.key))

    assert tls.live.names == {"localhost", "127.0.0.1"}
    assert ["can be read by every user" in note for note in tls.notes] == [True]


def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path) -> None:
    """Before anything is served."""
    with pytest.raises(CertificateUnusable, match="No such file"):
        opened(configured(tmp_path, cert=tmp_path / "cert.pem", key=tmp_path / "key.pem"))


def test_a_local_authority_comes_with_the_command_that_trusts_it(tmp_path: Path) -> None:
    """Whole, on a line of its own: program, address and fingerprint."""
    settings = configured(tmp_path, mode="auto")
    tls = opened(settings)
    authority = first_certificate(tmp_path / "tls" / "ca.crt")
    assert authority is not None
    expected = rf"  (sudo )?/\S+ trust https://127\.0\.0\.1:5000 --fingerprint {fingerprint(authority)}"

    assert re.fullmatch(expected, tls.notes[-1])
    assert local_authority(settings) == (tmp_path / "tls" / "ca.crt").read_bytes()


@pytest.mark.parametrize(
    ("listening", "public_url", "url"),
    [
        (EVERYWHERE, "", f"https://{socket.gethostname()}:5000"),
        (EVERYWHERE, "https://registry.test", "https://registry.test"),
    ],
)
def test_the_command_names_what_other_machines_reach(
    tmp_path: Path, listening: tuple[Address, ...], public_url: str, url: str
) -> None:
    """The public address, or this machine's name where it listens everywhere."""
    tls = opened(configured(tmp_path, mode="auto", public_url=public_url), listening)

    assert f" trust {url} " in tls.notes[-1]


def test_a_name_that_came_later_is_told_of(tmp_path: Path) -> None:
    """The authority was made without it: what to do about that is said."""
    opened(configured(tmp_path, mode="auto"))
    later = opened(configured(tmp_path, mode="auto", public_url="https://registry.test"))

    assert ["It is not for registry.test" in note for note in later.notes].count(True) == 1


def test_a_certificate_is_for_every_name_of_the_server(tmp_path: Path) -> None:
    """This machine, what is listened on, what is allowed, and the public address; not for wildcards or nonsense."""
    server = ServerSettings(
        allowed_hosts=frozenset({"Registry.test:5000", "[fd00::1]", "not a name"}),
        public_url="https://public.test:8443",
    )
    names = certificate_names(
        Settings(data_dir=tmp_path, server=server), [*EVERYWHERE, *addresses("127.0.0.2")], "Machine"
    )

    assert names == {
        *("localhost", "127.0.0.1", "::1", "127.0.0.2", "fd00::1"),
        *("machine", "registry.test", "public.test"),
    }


def test_an_ordered_certificate_is_waited_for(tmp_path: Path) -> None:
    """The server starts at once, with a plain port for the challenge, and says that clients have to wait."""
    tls = opened(configured(tmp_path, mode="acme", acme=ACME))

    assert tls.live.names == {"registry.test"}
    assert tls.plain is not None
    assert ["clients refuse until it does" in note for note in tls.notes] == [True]
