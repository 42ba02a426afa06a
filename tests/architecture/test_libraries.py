# SPDX-License-Identifier: Apache-2.0
"""Libraries stay where they belong: SQL in stores, HTTP at the edges, nothing in the vocabulary."""

import pytest

from dev.rules.libraries import libraries_stay_in_their_place
from dev.rules.libraries import sql_text_stays_in_stores
from dev.rules.libraries import vocabulary_is_pure
from tests.architecture.planting import PlantedTree


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("registry/push.py", "from sqlalchemy import select"),
        ("features/quota/service.py", "import sqlalchemy"),
        ("features/quota/handlers.py", "from sqlalchemy.exc import IntegrityError"),
        ("registry/pull.py", "def late():\n    from starlette.requests import Request"),
        ("features/quota/service.py", "from fastapi import HTTPException"),
        ("registry/http/blobs.py", "import httptools"),
        ("infra/storage/filesystem.py", "import sqlite3"),
        ("registry/settings.py", "import typer"),
        ("infra/http/response.py", "import uvicorn"),
    ],
)
def test_a_library_out_of_its_place_is_found(tree: PlantedTree, path: str, code: str) -> None:
    """A library is imported only where the table of places says."""
    tree.plant(f"src/entrepot/{path}", code)

    assert [found.partition(":")[0] for found in tree.found_by(libraries_stay_in_their_place)] == [
        f"src/entrepot/{path}"
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("registry/store/blobs.py", "from sqlalchemy import select"),
        ("infra/database/migrations/env.py", "from alembic import context"),
        ("features/quota/handlers.py", "from sqlalchemy import Connection"),
        ("features/quota/cli.py", "import typer"),
    ],
)
def test_a_library_in_its_place_is_left_alone(tree: PlantedTree, path: str, code: str) -> None:
    """The places of a library may import it, and anyone may take a connection from its caller."""
    tree.plant(f"src/entrepot/{path}", code)

    assert tree.found_by(libraries_stay_in_their_place) == []


def test_sql_text_outside_a_store_is_found(tree: PlantedTree) -> None:
    """A connection that somebody holds is not used to send SQL from anywhere."""
    code = "def count(connection):\n    return connection.exec_driver_sql('SELECT 1')\n"
    tree.plant("src/entrepot/registry/push.py", code)
    tree.plant("src/entrepot/registry/store/blobs.py", code)

    assert tree.found_by(sql_text_stays_in_stores) == ["src/entrepot/registry/push.py:4"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("kernel/ids.py", "import msgspec"),
        ("kernel/ids.py", "from entrepot.oci.digest import Digest"),
        ("oci/digest.py", "import pydantic"),
        ("oci/digest.py", "from entrepot.kernel.clock import Clock"),
        ("oci/digest.py", "from entrepot.kernel import clock"),
    ],
)
def test_a_dependency_of_the_vocabulary_is_found(tree: PlantedTree, path: str, code: str) -> None:
    """`kernel` and `oci` build on nothing but the standard library."""
    tree.plant(f"src/entrepot/{path}", code)

    assert tree.found_by(vocabulary_is_pure) == [f"src/entrepot/{path}:3"]


def test_the_vocabulary_may_use_its_own_words_and_the_root_of_errors(tree: PlantedTree) -> None:
    """The standard library, the own layer and, for `oci`, `kernel.errors` are free."""
    tree.plant("src/entrepot/kernel/ids.py", "import re\nfrom entrepot.kernel.clock import Clock\n")
    tree.plant("src/entrepot/oci/errors.py", "from entrepot.kernel.errors import AppError\n")
    tree.plant("src/entrepot/oci/digest.py", "import hashlib\nfrom entrepot.oci.errors import DigestInvalid\n")

    assert tree.found_by(vocabulary_is_pure) == []
