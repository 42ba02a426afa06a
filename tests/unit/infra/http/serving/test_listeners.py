# SPDX-License-Identifier: Apache-2.0
"""Which addresses a name means, what listens there, and what is said when nothing can."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from entrepot.infra.http.serving.listeners import Address
from entrepot.infra.http.serving.listeners import AddressTaken
from entrepot.infra.http.serving.listeners import AddressUnusable
from entrepot.infra.http.serving.listeners import addresses
from entrepot.infra.http.serving.listeners import listen

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - for a moment, on a free port
IPV4 = Address(socket.AF_INET, LOOPBACK)


@contextmanager
def listening(hosts: str, copies: int = 1) -> Iterator[list[list[socket.socket]]]:
    """Listen on a free port until the block ends."""
    with ExitStack() as opened:
        sockets = listen(addresses(hosts), 0, copies)
        for each in (each for copy in sockets for each in copy):
            opened.enter_context(each)
        yield sockets


def accepts(listener: socket.socket) -> bool:
    """Connect to where a socket listens, and tell whether that socket got the connection."""
    listener.setblocking(True)
    with socket.create_connection(listener.getsockname()[:2], timeout=5) as client:
        accepted, _ = listener.accept()
        with accepted:
            return bool(accepted.getpeername()[:2] == client.getsockname()[:2])


@pytest.mark.parametrize(
    ("hosts", "meant"),
    [
        ("127.0.0.1", [LOOPBACK]),
        ("127.0.0.1,127.0.0.2", [LOOPBACK, "127.0.0.2"]),
        (" 127.0.0.1 , 127.0.0.1 ", [LOOPBACK]),
        (EVERYWHERE, [EVERYWHERE]),
        ("::1", ["::1"]),
        ("[::1]", ["::1"]),
    ],
)
def test_addresses_are_taken_as_they_are(hosts: str, meant: list[str]) -> None:
    """Addresses are separated by commas, each counts once, and brackets do not matter."""
    assert [address.host for address in addresses(hosts)] == meant


@pytest.mark.parametrize(("hosts", "first", "second"), [("localhost", LOOPBACK, "::1"), ("::", "::", EVERYWHERE)])
def test_one_word_stands_for_both_families(hosts: str, first: str, second: str) -> None:
    """`localhost` is the loopback of both families, `::` is every address of both; a family may be missing."""
    found = {address.host for address in addresses(hosts)}

    assert found
    assert found <= {first, second}


@pytest.mark.parametrize("hosts", ["localhost", "127.0.0.1", "::", EVERYWHERE, "127.0.0.1,127.0.0.2"])
def test_every_address_is_listened_on(hosts: str) -> None:
    """Each has a socket, all on the same free port, and each accepts connections."""
    with listening(hosts) as (sockets,):
        assert len(sockets) == len(addresses(hosts))
        assert len({each.getsockname()[1] for each in sockets}) == 1
        assert all(accepts(each) for each in sockets)


def test_only_loopback_is_out_of_reach() -> None:
    """Whether an address can be reached from other machines is told by the address, not by its name."""
    reachable = {host: all(address.is_loopback for address in addresses(host)) for host in ("localhost", EVERYWHERE)}

    assert reachable == {"localhost": True, EVERYWHERE: False}
    assert all(ip_address(address.host).is_loopback for address in addresses("localhost"))


@pytest.mark.parametrize(
    ("address", "named", "local"),
    [
        (IPV4, LOOPBACK, LOOPBACK),
        (Address(socket.AF_INET6, "::1"), "[::1]", "[::1]"),
        (Address(socket.AF_INET6, "::"), "[::]", "localhost"),
        (Address(socket.AF_INET, EVERYWHERE), EVERYWHERE, "localhost"),
    ],
)
def test_an_address_has_a_form_for_urls(address: Address, named: str, local: str) -> None:
    """IPv6 stands in brackets; where every address is meant, this machine can use `localhost`."""
    assert (address.authority_host, address.local_host) == (named, local)


def test_copies_share_a_port() -> None:
    """Each worker has sockets of its own, and connections are spread over them."""
    with listening(LOOPBACK, 3) as copies:
        ports = {each.getsockname()[1] for copy in copies for each in copy}
        for _ in range(20):
            socket.create_connection((LOOPBACK, *ports)).close()
        waiting = [_count(copy[0]) for copy in copies]

    assert len(ports) == 1
    assert sum(waiting) == 20


def _count(listener: socket.socket) -> int:
    """Return how many connections wait."""
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


@pytest.mark.parametrize("copies", [1, 2])
def test_whoever_holds_a_port_is_named(copies: int) -> None:
    """The message tells the program and its process, also when that one shares its port with others."""
    program = Path(f"/proc/{os.getpid()}/comm").read_text().strip()
    with listening(LOOPBACK, 2) as held:
        port = held[0][0].getsockname()[1]
        with pytest.raises(AddressTaken) as caught:
            listen([IPV4], port, copies)

    held_by = f"the program {program} (process {os.getpid()})"
    assert caught.value.message == f"cannot listen on 127.0.0.1:{port}: {held_by} listens there already"
    assert "--port" in caught.value.hint


def test_nothing_is_held_after_a_failure() -> None:
    """When one address cannot be had, those that were opened before are given back."""
    with listening("127.0.0.2") as ((held,),):
        port = held.getsockname()[1]
        with pytest.raises(AddressTaken):
            listen(addresses("127.0.0.1,127.0.0.2"), port)

    ((again,),) = listen([IPV4], port)
    again.close()


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        ("", "no address to listen on is given"),
        (",", "no address to listen on is given"),
        ("registry..example", "registry..example is not an address or a name"),
    ],
)
def test_what_is_no_address_is_told(hosts: str, told: str) -> None:
    """The message repeats the name."""
    with pytest.raises(AddressUnusable, match=told):
        addresses(hosts)


def test_an_address_of_another_machine_is_told() -> None:
    """Only an address of this machine can be listened on (192.0.2.0/24 is nobody's, RFC 5737)."""
    with pytest.raises(AddressUnusable, match=r"cannot listen on 192\.0\.2\.1:0: Cannot assign requested address"):
        listen(addresses("192.0.2.1"), 0)
