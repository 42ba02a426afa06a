# SPDX-License-Identifier: Apache-2.0
"""Finding out whether the chain is what it was: nothing altered, removed, inserted, or written anew.

What stands in the database is held against itself (each record against its hash,
each month against the one before), against what was signed, and against anchors:
checkpoints that were sent elsewhere when they were made. Only these show that
somebody who holds the database and the key wrote the log anew.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

import msgspec

from entrepot.features.audit.checkpoints import Signed
from entrepot.features.audit.checkpoints import read_checkpoint
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Pseudonym
from entrepot.features.audit.models import Stamped
from entrepot.features.audit.record import GENESIS
from entrepot.features.audit.record import details_sha256
from entrepot.features.audit.record import is_of
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints as store
from entrepot.features.audit.store import names
from entrepot.features.audit.store import timestamps
from entrepot.features.audit.store.chain import ChainedRow
from entrepot.infra.database.engine import Database
from entrepot.infra.time_stamps import NotStamped
from entrepot.infra.time_stamps import verify
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339

ROWS_PER_STEP = 1_000
MAX_FINDINGS = 100
MAX_LATE_MS = 2 * HOUR_MS
"""How long after it was signed a checkpoint is stamped at most; those that are older are not sent there."""

Tell = Callable[[int, int], None]
"""Told how many records of how many were looked at."""


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it was: at which record, and what."""

    seq: int
    what: str


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found."""

    records: int = 0
    first_seq: int = 0
    last_seq: int = 0
    checkpoints: int = 0
    anchors: int = 0
    """Anchors that a key of this log signed. Of records that were dropped, only the last of a month can be compared."""
    stamps: int = 0
    """Time stamps of checkpoints that are what they should be."""
    first_stamp_at: Milliseconds | None = None
    newest_checkpoint_at: Milliseconds | None = None
    findings: list[Finding] = field(default_factory=list)
    is_cut: bool = False
    """Whether there is more than is listed."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, seq: int, what: str) -> None:
        """Note something, unless there is enough already."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(seq, what))
        else:
            self.is_cut = True


@dataclass(slots=True)
class _Marks:
    """Where the chain has to pass: the hash that somebody signed for a record, and who says so."""

    wanted: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, signed: Signed, source: str) -> None:
        self.wanted.setdefault(signed.seq, []).append((signed.hash, source))

    def take(self, seq: int) -> list[tuple[str, str]]:
        return self.wanted.pop(seq, [])


def verify_chain(database: Database, anchors: Iterable[str], tell: Tell, authorities: bytes = b"") -> Report:
    """Read the whole chain, one state of the database for each step; return what was found.

    `anchors` are checkpoints as they were sent elsewhere, a token each; time stamps are looked at if there are
    `authorities` for them (PEM). For commands, outside the event loop.
    """
    report, marks = Report(), _Marks()
    _read_checkpoints(database, report, marks)
    _read_anchors(database, anchors, report, marks)
    # After what was signed: the log goes on meanwhile, and is signed.
    partitions = database.snapshot_now(chain.partitions)
    if authorities:
        _verify_stamps(database, authorities, report)
    _verify_names(database, report)
    total = sum(each.last_seq - each.first_seq + 1 for each in partitions if each.dropped_at is None)
    _verify_months(database, partitions, report, marks, lambda done: tell(done, total))
    head, dropped = partitions[-1].last_seq if partitions else 0, _dropped(database)
    for seq, wanted in sorted(marks.wanted.items()):
        if seq > head:
            report.add(seq, f"the record is gone: {wanted[0][1]} says it was there, and the log ends at {head}")
        elif not any(each.first_seq <= seq <= each.last_seq for each in dropped):
            report.add(seq, f"the record is gone: {wanted[0][1]} says it was there")
    return report


def _verify_months(
    database: Database, partitions: list[Partition], report: Report, marks: _Marks, tell: Callable[[int], None]
) -> None:
    before: Partition | None = None
    for each in partitions:
        if before is None:
            if each.first_seq == 1 and each.first_previous != GENESIS:
                report.add(1, "the first record does not stand at the beginning")
            elif each.first_seq != 1:
                report.add(
                    each.first_seq, "the months before this one are gone, and nothing says that they were dropped"
                )
        elif each.first_seq != before.last_seq + 1 or each.first_previous != before.last_hash:
            report.add(each.first_seq, f"the month {each.month} does not go on where {before.month} ends")
        before = each
        if each.dropped_at is not None:
            _compare(each.last_seq, each.last_hash, report, marks)
        elif database.snapshot_now(chain.has_records, each.month):
            _verify_month(database, each, report, marks, tell)
        elif each.month not in {other.month for other in _dropped(database)}:
            report.add(each.first_seq, f"the records {each.first_seq} to {each.last_seq} are gone, with their table")


def _verify_month(
    database: Database, partition: Partition, report: Report, marks: _Marks, tell: Callable[[int], None]
) -> None:
    expected, previous = partition.first_seq, partition.first_previous
    report.first_seq = report.first_seq or partition.first_seq
    for seq in database.snapshot_now(chain.outside, partition.month, MAX_FINDINGS):
        report.add(seq, f"the record is outside of the month {partition.month}: it was inserted")
    for row in _rows(database, partition):
        seq = row.sealed.seq
        if seq > partition.last_seq:
            break
        if seq != expected:
            report.add(expected, f"records {expected} to {seq - 1} are gone")
        hash_ = row.sealed.hash(previous)
        if hash_ != row.hash:
            report.add(
                seq, f"the record of {rfc3339(Milliseconds(row.sealed.at))} is not what was sealed, or one before"
            )
        _compare(seq, hash_, report, marks)
        _verify_details(row, report)
        # Goes on with what is stored, so that one alteration is one finding; what was signed shows a new chain.
        expected, previous = seq + 1, row.hash
        report.records += 1
        if report.records % ROWS_PER_STEP == 0:
            tell(report.records)
    if expected != partition.last_seq + 1:
        report.add(expected, f"records {expected} to {partition.last_seq} are gone")
    elif previous != partition.last_hash:
        report.add(partition.last_seq, f"the month {partition.month} ends with another record than was sealed")
    report.last_seq = partition.last_seq


def _rows(database: Database, partition: Partition) -> Iterator[ChainedRow]:
    seq = partition.first_seq
    while True:
        rows = database.snapshot_now(chain.rows_of, partition.month, seq, ROWS_PER_STEP)
        yield from rows
        if len(rows) < ROWS_PER_STEP:
            return
        seq = rows[-1].sealed.seq + 1


def _verify_details(row: ChainedRow, report: Report) -> None:
    if row.details is None:
        return
    salt = row.salt or b""
    if details_sha256(salt, row.details) != row.sealed.details_sha256:
        report.add(row.sealed.seq, "the details of the record are not those that were sealed")


def _compare(seq: int, hash_: bytes, report: Report, marks: _Marks) -> None:
    for wanted, source in marks.take(seq):
        if wanted != hash_.hex():
            report.add(seq, f"the log was written anew: {source} says that another record was here")


def _verify_names(database: Database, report: Report) -> None:
    after = Pseudonym("")
    while found := database.snapshot_now(names.page, after, ROWS_PER_STEP):
        for each in found:
            if not is_of(*each):
                report.add(0, f"the pseudonym {each.pseudonym} stands for another name than it was made of")
        after = found[-1].pseudonym


def _read_checkpoints(database: Database, report: Report, marks: _Marks) -> None:
    public = _public_keys(database)
    seq, previous = 0, None
    while found := database.snapshot_now(store.page, seq, ROWS_PER_STEP):
        for each in found:
            signed = read_checkpoint(each.token, public)
            if signed is None or signed.seq != each.seq:
                report.add(each.seq, "the checkpoint of this record was not signed by a key of this log")
                continue
            if previous is not None and signed.previous != previous:
                report.add(each.seq, f"the checkpoint before this one, of record {signed.previous}, is gone")
            previous = signed.seq
            marks.add(signed, f"the checkpoint of {rfc3339(Milliseconds(signed.iat * 1000))}")
            report.checkpoints += 1
            report.newest_checkpoint_at = Milliseconds(signed.iat * SECOND_MS)
        seq = found[-1].seq


def _read_anchors(database: Database, anchors: Iterable[str], report: Report, marks: _Marks) -> None:
    public = _public_keys(database)
    for number, token in enumerate(anchors, start=1):
        signed = read_checkpoint(token, public)
        if signed is None:
            report.add(
                0, f"anchor {number} was not signed by a key of this log: the keys were replaced, or it is foreign"
            )
            continue
        marks.add(signed, f"anchor {number}, of {rfc3339(Milliseconds(signed.iat * 1000))},")
        report.anchors += 1


def _verify_stamps(database: Database, authorities: bytes, report: Report) -> None:
    public = _public_keys(database)
    seq, at = 0, Milliseconds(0)
    while found := database.snapshot_now(timestamps.page, seq, at, ROWS_PER_STEP):
        for each in found:
            try:
                at = _stamped_at(each, public, authorities)
            except NotStamped as error:
                report.add(each.seq, error.message)
                continue
            report.stamps += 1
            report.first_stamp_at = min(at, report.first_stamp_at or at)
        seq, at = found[-1].seq, found[-1].stamped_at


def _stamped_at(stamped: Stamped, public: dict[str, str], authorities: bytes) -> Milliseconds:
    """Return the moment of a time stamp that is of its checkpoint, from when that was signed. Raises `NotStamped`."""
    signed = read_checkpoint(stamped.checkpoint, public) if stamped.checkpoint else None
    if stamped.checkpoint is None or signed is None:
        raise NotStamped("the checkpoint that has a time stamp is gone")
    try:
        at = verify(stamped.token, stamped.checkpoint.encode(), authorities)
    except NotStamped as error:
        raise NotStamped(f"the time stamp of the checkpoint: {error.message}") from error
    if at - signed.iat * SECOND_MS > MAX_LATE_MS:
        claimed = rfc3339(Milliseconds(signed.iat * SECOND_MS))
        raise NotStamped(
            f"the checkpoint says that it is of {claimed}, and its time stamp is of {rfc3339(at)}: it was made later"
        )
    return at


def _dropped(database: Database) -> list[Partition]:
    return [each for each in database.snapshot_now(chain.partitions) if each.dropped_at is not None]


def _public_keys(database: Database) -> dict[str, str]:
    return {key.kid: key.public_jwk for key in database.snapshot_now(store.keys)}
