# SPDX-License-Identifier: Apache-2.0
"""Of every table it is decided whether it is archived."""

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.features.archive.kept import KEPT
from entrepot.features.archive.kept import LEFT_OUT
from entrepot.features.archive.kept import WITHHELD
from entrepot.infra.database.metadata import metadata


def test_every_table_is_archived_or_said_to_be_dispensable() -> None:
    """Whoever adds a table says what becomes of it when the database is lost."""
    assert set(metadata.tables) == {*KEPT, *LEFT_OUT}
    assert not set(KEPT) & set(LEFT_OUT)


def test_what_is_withheld_has_something_in_its_place() -> None:
    """A withheld column exists, and gets a value that it takes."""
    for table, columns in WITHHELD.items():
        for name, value in columns.items():
            assert metadata.tables[table].columns[name].nullable or value is not None


def test_no_secret_that_people_chose_is_archived() -> None:
    """What looks like a secret is withheld, but for hashes of random ones."""
    kept = {(table, column.name) for table in KEPT for column in metadata.tables[table].columns}
    kept -= {(table, name) for table, columns in WITHHELD.items() for name in columns}

    secrets = {
        each for each in kept if any(word in each[1] for word in ("secret", "password", "hash", "private", "hmac"))
    }
    assert secrets == {("credentials", "secret_sha256"), ("users", "password_changed_at")}
