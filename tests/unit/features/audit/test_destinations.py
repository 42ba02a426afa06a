# SPDX-License-Identifier: Apache-2.0
"""Everything reaches where it is sent, in its order, at least once, however often that goes away."""

import asyncio
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection

from entrepot.features.audit.delivering import CHARACTERS_AT_ONCE
from entrepot.features.audit.delivering import Delivering
from entrepot.features.audit.destinations.file import FileDestination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.sealing import seal
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import What
from entrepot.features.audit.store import deliveries
from entrepot.infra.database.engine import Database
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Conflict
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import an_entry
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import sign
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place

pytestmark = pytest.mark.anyio

HEAD = re.compile(rb"<(\d+)>1 \S+ \S+ entrepot \d+ (\S+) - \xef\xbb\xbf")


class SyslogServer:
    """Takes messages over TCP, and closes the connection after so many bytes if it is told to."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received = b""
        self.closes_after: int | None = None
        self._tls = tls

    async def __aenter__(self) -> "SyslogServer":
        """Listen."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        self._server.close()
        await self._server.wait_closed()

    @property
    def messages(self) -> list[tuple[int, str, int]]:
        """What arrived whole: priority, message id and number of the record."""
        found, rest = [], self.received
        while b" " in rest:
            length, _, rest = rest.partition(b" ")
            message, rest = rest[: int(length)], rest[int(length) :]
            if len(message) < int(length):
                break
            head = HEAD.match(message)
            assert head is not None, message
            found.append((int(head[1]), head[2].decode(), json.loads(message[head.end() :])["seq"]))
        return found

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(65_536):
            self.received += content
            if self.closes_after is not None and len(self.received) >= self.closes_after:
                self.received = self.received[: self.closes_after]
                break
        writer.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A log of twelve records, the last of which is signed."""
    with closing(a_database(tmp_path)) as database:
        fill(database, 12)
        sign(database)
        yield database


def delivering(database: Database, settings: dict[str, DeliverySettings]) -> Delivering:
    """Send what is new in November."""
    clock = SettableClock(NOVEMBER)
    return Delivering(database, settings, Destinations(Outbound(OutgoingSettings()), clock), clock)


async def deliver(database: Database, url: str, what: What = What.BOTH) -> int:
    """Send a destination what is new."""
    settings = {"siem": DeliverySettings(url=url, what=what)}
    return await delivering(database, settings).deliver("siem", lambda _: None)


async def test_a_file_gets_each_line_once(database: Database, tmp_path: Path) -> None:
    """Records in their order, then checkpoints; what came before is not sent again."""
    url = f"file://{tmp_path}/audit.jsonl"
    assert await deliver(database, url) == 13
    assert await deliver(database, url) == 0

    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines] == [*range(1, 13), 12]
    assert lines[-1]["type"] == "audit.checkpoint"


async def test_a_line_that_was_cut_off_does_not_spoil_the_next(tmp_path: Path) -> None:
    """A crash in the middle of writing leaves one line that is none."""
    path = tmp_path / "audit.jsonl"
    path.write_text('{"seq": 1}\n{"se')

    await FileDestination(path).send([Line(2, Milliseconds(0), "x", False, '{"seq": 2}')])

    assert path.read_text().splitlines() == ['{"seq": 1}', '{"se', '{"seq": 2}']


async def test_a_file_that_cannot_be_written_is_told(database: Database, tmp_path: Path) -> None:
    """Since when and why stands beside the destination, until it works again."""
    with pytest.raises(NotDelivered, match="No such file"):
        await deliver(database, f"file://{tmp_path}/missing/audit.jsonl")
    [failing] = await database.read(deliveries.all_of)
    assert (failing.seq, failing.failing_since) == (0, NOVEMBER)

    (tmp_path / "missing").mkdir()
    assert await deliver(database, f"file://{tmp_path}/missing/audit.jsonl", What.RECORDS) == 12
    [works] = await database.read(deliveries.all_of)
    assert (works.seq, works.failing_since, works.last_error) == (12, None, None)


async def test_syslog_gets_messages(database: Database) -> None:
    """Framed by their length, with the facility for audits and the type of record as the message id."""
    async with SyslogServer() as server:
        assert await deliver(database, f"syslog+tcp://127.0.0.1:{server.port}") == 13

    assert server.messages == [*((110, "group.created", seq) for seq in range(1, 13)), (110, "audit.checkpoint", 12)]


async def test_syslog_that_goes_away_gets_everything_again(database: Database) -> None:
    """What a connection took before it broke counts as not sent."""
    async with SyslogServer() as server:
        server.closes_after = 1_500
        with pytest.raises(NotDelivered):
            await deliver(database, f"syslog+tcp://127.0.0.1:{server.port}", What.RECORDS)
        before = server.messages
        assert 0 < len(before) < 12
        server.received, server.closes_after = b"", None
        assert await deliver(database, f"syslog+tcp://127.0.0.1:{server.port}", What.RECORDS) == 12

    assert [seq for _, _, seq in server.messages] == list(range(1, 13))


async def test_syslog_that_is_not_there_is_told(database: Database) -> None:
    """Nothing waits for it, and nothing is lost."""
    async with SyslogServer() as server:
        port = server.port
    with pytest.raises(NotDelivered, match=f"127.0.0.1:{port} does not take it"):
        await deliver(database, f"syslog+tcp://127.0.0.1:{port}")


async def test_syslog_over_tls_is_who_it_says(database: Database, tmp_path: Path) -> None:
    """Nothing is sent to a server whose certificate nobody vouches for."""
    signer = authority("127.0.0.1")
    pair = place(tmp_path / "server", leaf(signer, "127.0.0.1"))
    (tmp_path / "ca.pem").write_bytes(pem(signer.certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    async with SyslogServer(context) as server:
        url = f"syslog+tls://127.0.0.1:{server.port}"
        with pytest.raises(NotDelivered, match="certificate verify failed"):
            await deliver(database, url)
        assert server.received == b""

        settings = {"siem": DeliverySettings(url=url, ca_file=str(tmp_path / "ca.pem"))}
        sent = await delivering(database, settings).deliver("siem", lambda _: None)

    assert (sent, len(server.messages)) == (13, 13)


async def test_nobody_else_goes_on_in_its_place(database: Database, tmp_path: Path) -> None:
    """Whoever lost the turn does not move the place."""

    def lost(_connection: object) -> None:
        raise NotDelivered("another goes on")

    settings = {"siem": DeliverySettings(url=f"file://{tmp_path}/audit.jsonl")}
    with pytest.raises(NotDelivered, match="another"):
        await delivering(database, settings).deliver("siem", lost)

    assert [each.seq for each in await database.read(deliveries.all_of)] == [0]


async def test_what_is_too_long_for_one_request_is_several(database: Database, tmp_path: Path) -> None:
    """Each destination gets as much at once as it may take, and one line at least."""
    entries = [an_entry(number, details={"after": "x" * 16_000}) for number in range(40)]
    await asyncio.to_thread(database.write_now, seal, entries, NOVEMBER)
    places: list[int] = []

    def note(connection: Connection) -> None:
        """Look how far it was before each batch."""
        places.extend(each.seq for each in deliveries.all_of(connection))

    settings = {"siem": DeliverySettings(url=f"file://{tmp_path}/audit.jsonl", what=What.RECORDS)}
    assert await delivering(database, settings).deliver("siem", note) == 52

    first, second = places
    assert (first, second * 16_000 > CHARACTERS_AT_ONCE, (second - 12) * 16_000 < CHARACTERS_AT_ONCE) == (0, True, True)


async def test_the_others_get_their_turn(database: Database, tmp_path: Path) -> None:
    """A destination that has much to get goes on a minute later."""
    clock = SettableClock(NOVEMBER)
    settings = {"siem": DeliverySettings(url=f"file://{tmp_path}/audit.jsonl", what=What.RECORDS)}
    delivering = Delivering(database, settings, Destinations(Outbound(OutgoingSettings()), clock), clock)
    await asyncio.to_thread(fill, database, 990)

    def passes(_connection: object) -> None:
        """Let sending take a minute."""
        clock.advance(MINUTE_MS)

    assert [await delivering.deliver("siem", passes) for _ in range(4)] == [500, 500, 2, 0]


async def test_a_pause_that_a_wrong_clock_said_is_none(database: Database, tmp_path: Path) -> None:
    """Nobody waits for years; but for as long as there may be a pause."""
    url = f"file://{tmp_path}/audit.jsonl"
    for hours, expected in ((1, 0), (2, 12)):
        await database.write(deliveries.standing, "siem")
        again_at = Milliseconds(NOVEMBER + hours * HOUR_MS)
        await database.write(deliveries.failed, "siem", NOVEMBER, again_at, "no")
        assert await deliver(database, url, What.RECORDS) == expected


async def test_whoever_lost_the_turn_says_nothing_of_a_failure(database: Database, tmp_path: Path) -> None:
    """It is another that goes on, and may get through."""

    def lost(_connection: object) -> None:
        raise Conflict("another goes on")

    settings = {"siem": DeliverySettings(url=f"file://{tmp_path}/missing/audit.jsonl")}
    with pytest.raises(Conflict):
        await delivering(database, settings).deliver("siem", lost)

    assert [each.failing_since for each in await database.read(deliveries.all_of)] == [None]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "ftp://example.org",
        "file://relative",
        "syslog://x",
        "syslog+tcp://",
        "syslog+tls://h:99999",
        "file:///",
    ],
)
def test_what_is_no_destination_is_refused(url: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValidationError):
        DeliverySettings(url=url)
