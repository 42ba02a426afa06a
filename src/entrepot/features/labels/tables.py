# SPDX-License-Identifier: Apache-2.0
"""What was said of artifacts after their push. It goes with the manifest, and stays while that is in the bin."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata


def _of_manifest(name: str) -> ForeignKeyConstraint:
    columns = ["manifests.repo_id", "manifests.digest"]
    return ForeignKeyConstraint(["repo_id", "digest"], columns, ondelete="CASCADE", name=name)


artifact_labels = Table(
    "artifact_labels",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("key", bytewise(317), primary_key=True),
    Column("value", bytewise(64), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    _of_manifest("fk_artifact_labels_manifest"),
    comment="Put on an artifact afterwards; those of its configuration are among its facts",
)

artifact_notes = Table(
    "artifact_notes",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("repo_id", BigInteger, nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", bytewise(320), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    _of_manifest("fk_artifact_notes_manifest"),
    Index("ix_artifact_notes_repo_id_digest", "repo_id", "digest", "id"),
    comment="Short Markdown texts about an artifact, each by its author",
)
