# SPDX-License-Identifier: Apache-2.0
"""Whoever changes the log is found out, and nobody else is."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import names
from entrepot.features.audit.tables import audit_names
from entrepot.features.audit.verify import Report
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.unit.features.audit.chains import MONTH
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import alter
from tests.unit.features.audit.chains import an_entry
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import rewrite
from tests.unit.features.audit.chains import run
from tests.unit.features.audit.chains import sign
from tests.unit.features.audit.chains import tokens

DECEMBER = NOVEMBER + 30 * DAY_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with closing(a_database(tmp_path)) as database:
        yield database


@pytest.fixture
def log(database: Database) -> Database:
    """Twenty records, of which ten and all are signed."""
    fill(database, 10)
    sign(database)
    fill(database, 10)
    sign(database)
    return database


def verified(database: Database, *anchors: str) -> Report:
    """Look at everything."""
    return verify_chain(database, anchors, lambda *_: None)


def found(report: Report) -> list[str]:
    """Return what was found, in the words of the report."""
    return [f"{finding.seq}: {finding.what}" for finding in report.findings]


def test_what_nobody_touched_is_whole(log: Database) -> None:
    """Every record and both checkpoints are looked at, and nothing is found, with anchors neither."""
    report = verified(log, *tokens(log))

    assert (found(report), report.records, report.checkpoints, report.anchors) == ([], 20, 2, 2)
    assert (report.first_seq, report.last_seq) == (1, 20)


def test_an_empty_log_is_whole(database: Database) -> None:
    """Before anything happened there is nothing to find."""
    assert verified(database).is_whole


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "at + 1"),
        ("type", "'group.deleted'"),
        ("actor", "'somebody'"),
        ("kind", "'robot'"),
        ("credential", "'x'"),
        ("address", "''"),
        ("agent", "'x'"),
        ("project", "'x'"),
        ("repository", "'x/y'"),
        ("tag", "'x'"),
        ("digest", "'x'"),
        ("object", "'group:other'"),
        ("outcome", "'refused'"),
        ("request_id", "'x'"),
        ("times", "2"),
        ("details_sha256", "''"),
        ("event", "'x'"),
        ("provider", "'x'"),
        ("on_behalf_of", "'x'"),
    ],
)
def test_an_altered_record_is_found(log: Database, column: str, value: str) -> None:
    """Whatever it is that was altered."""
    alter(log, column, value)

    assert any(text.startswith("7: ") for text in found(verified(log)))


def test_altered_details_are_found_and_erased_ones_are_not(log: Database) -> None:
    """What stands beside a record is what was sealed, or gone."""
    run(log, "UPDATE records SET details = NULL, salt = NULL WHERE seq = 4")
    assert verified(log).is_whole

    run(log, "UPDATE records SET details = '{}' WHERE seq = 5")
    assert found(verified(log)) == ["5: the details of the record are not those that were sealed"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_names SET name = 'bob' WHERE name = 'alice'",
        "UPDATE audit_names SET kind = 'robot' WHERE name = 'alice'",
        "UPDATE audit_names SET name = 'bob', salt = NULL WHERE name = 'alice'",
    ],
)
def test_a_name_that_was_exchanged_is_found(log: Database, tampering: str) -> None:
    """Nobody makes somebody else of who did something."""
    run(log, tampering)

    [told] = found(verified(log))
    assert told.endswith("stands for another name than it was made of")


def test_an_erased_name_leaves_nothing_to_try_names_with(log: Database) -> None:
    """Neither the name nor the salt; and nothing is found."""
    pseudonym = log.snapshot_now(names.find, "user", "alice")
    assert pseudonym is not None
    log.write_now(names.erase, pseudonym)

    erased = select(audit_names.c.name, audit_names.c.salt).where(audit_names.c.pseudonym == pseudonym)
    assert log.snapshot_now(lambda connection: tuple(connection.execute(erased).one())) == (None, None)
    assert verified(log).is_whole


def test_removed_records_are_found(log: Database) -> None:
    """In the middle, and at either end."""
    run(log, "DELETE FROM records WHERE seq IN (8, 9)")
    assert "8: records 8 to 9 are gone" in found(verified(log))

    run(log, "DELETE FROM records WHERE seq > 18")
    assert "19: records 19 to 20 are gone" in found(verified(log))

    run(log, "DELETE FROM records WHERE seq = 1")
    assert "1: records 1 to 1 are gone" in found(verified(log))


def test_a_cut_that_hides_itself_is_found(log: Database) -> None:
    """Whoever takes the end off, and says that the log ends there, contradicts what was signed."""
    run(log, "DELETE FROM records WHERE seq > 15")
    run(log, "UPDATE audit_partitions SET last_seq = 15, last_hash = (SELECT hash FROM records WHERE seq = 15)")

    assert [text.partition(":")[0] for text in found(verified(log))] == ["20"]


def test_an_inserted_record_is_found(log: Database) -> None:
    """There is no room for one."""
    run(log, "CREATE TABLE copied AS SELECT * FROM records WHERE seq = 20")
    run(log, "UPDATE copied SET seq = 21")
    run(log, "INSERT INTO records SELECT * FROM copied")
    run(log, "UPDATE audit_partitions SET last_seq = 21")

    assert any(text.startswith("21: ") for text in found(verified(log)))


@pytest.mark.parametrize("seq", [-3, 0, 21, 4_000])
def test_a_record_outside_of_its_month_is_found(log: Database, seq: int) -> None:
    """Before its first or behind its last: a search would show it. What is appended meanwhile is not meant."""
    run(log, "CREATE TABLE copied AS SELECT * FROM records WHERE seq = 20")
    run(log, f"UPDATE copied SET seq = {seq}")  # noqa: S608 - a number of ours
    run(log, "INSERT INTO records SELECT * FROM copied")

    assert [text for text in found(verified(log)) if "inserted" in text] == [
        f"{seq}: the record is outside of the month 2026_11: it was inserted"
    ]


def test_records_that_are_gone_with_their_table_are_found(log: Database) -> None:
    """If nothing says that they were dropped."""
    fill(log, 5, DECEMBER)
    run(log, "DROP TABLE records")

    assert "1: the records 1 to 20 are gone, with their table" in found(verified(log))


def test_what_is_recorded_meanwhile_is_no_finding(log: Database) -> None:
    """The log goes on while it is read, and is signed."""

    def anchors() -> Iterator[str]:
        """Read them while something is recorded."""
        fill(log, 1)
        sign(log)
        yield tokens(log)[-1]

    report = verify_chain(log, anchors(), lambda *_: None)
    assert (found(report), report.anchors) == ([], 1)


def test_moments_are_those_that_were_signed(log: Database) -> None:
    """And not what stands beside them, which anybody can change who holds the database."""
    run(log, "UPDATE audit_checkpoints SET signed_at = signed_at + 86400000")

    assert verified(log).newest_checkpoint_at == NOVEMBER


def test_a_forged_checkpoint_is_found(log: Database) -> None:
    """One that no key of the log signed, one under another number, and one that is gone."""
    run(log, "UPDATE audit_checkpoints SET token = token || 'x' WHERE seq = 20")
    assert found(verified(log)) == ["20: the checkpoint of this record was not signed by a key of this log"]

    run(log, "UPDATE audit_checkpoints SET seq = 12 WHERE seq = 10")
    assert any(text.startswith("12: ") for text in found(verified(log)))


def test_a_removed_checkpoint_is_found(log: Database) -> None:
    """Each names the one before it."""
    fill(log, 1)
    sign(log)
    run(log, "DELETE FROM audit_checkpoints WHERE seq = 20")

    assert found(verified(log)) == ["21: the checkpoint before this one, of record 20, is gone"]


def test_a_log_that_was_written_anew_is_found_with_anchors(log: Database) -> None:
    """Who holds database and key makes a log that is whole in itself; what was sent elsewhere says otherwise."""
    anchors = tokens(log)
    log.write_now(rewrite, [an_entry(number, object=f"group:other-{number}") for number in range(20)])
    sign(log)

    assert verified(log).is_whole
    assert [text.partition(":")[0] for text in found(verified(log, *anchors))] == ["10", "20"]


def test_an_anchor_of_another_log_is_told(log: Database, tmp_path: Path) -> None:
    """It proves nothing here, and nobody takes it for a proof."""
    (tmp_path / "other").mkdir()
    with closing(a_database(tmp_path / "other")) as other:
        fill(other, 3)
        sign(other)
        [foreign] = tokens(other)

    assert [finding.seq for finding in verified(log, foreign).findings] == [0]


def test_months_go_on_from_each_other(log: Database) -> None:
    """A month that was dropped leaves what the next one stands on; one that is torn out does not."""
    fill(log, 5, DECEMBER)
    sign(log, DECEMBER)
    assert verified(log).records == 25

    log.write_now(chain.drop, MONTH, Milliseconds(DECEMBER))
    report = verified(log, *tokens(log))
    assert (found(report), report.records, report.first_seq) == ([], 5, 21)

    run(log, "DELETE FROM audit_partitions WHERE month = '2026_11'")
    assert any("nothing says that they were dropped" in text for text in found(verified(log)))


def test_a_month_that_was_exchanged_is_found(log: Database) -> None:
    """Its end is not what the next one stands on."""
    fill(log, 5, DECEMBER)
    run(log, "UPDATE audit_partitions SET last_hash = first_previous WHERE month = '2026_11'")

    assert any("2026_12 does not go on where 2026_11 ends" in text for text in found(verified(log)))


def test_the_clock_may_go_back(log: Database) -> None:
    """The chain goes on in the month that it is in."""
    log.write_now(seal, [an_entry(1, NOVEMBER - 40 * DAY_MS)], Milliseconds(NOVEMBER - 40 * DAY_MS))

    assert [each.month for each in log.snapshot_now(chain.partitions)] == [MONTH]
    assert verified(log).records == 21
