# SPDX-License-Identifier: Apache-2.0
"""Labels and notes of artifacts; descriptions and owners of repositories and projects."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "artifact_labels",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("key", bytewise(317), nullable=False),
        sa.Column("value", bytewise(64), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id", "digest"],
            ["manifests.repo_id", "manifests.digest"],
            name="fk_artifact_labels_manifest",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("repo_id", "digest", "key", name=op.f("pk_artifact_labels")),
        comment="Put on an artifact afterwards; those of its configuration are among its facts",
    )
    op.create_table(
        "artifact_notes",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", bytewise(320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id", "digest"],
            ["manifests.repo_id", "manifests.digest"],
            name="fk_artifact_notes_manifest",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_notes")),
        comment="Short Markdown texts about an artifact, each by its author",
    )
    op.create_index("ix_artifact_notes_repo_id_digest", "artifact_notes", ["repo_id", "digest", "id"])
    op.create_table(
        "descriptions",
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", bytewise(320), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.CheckConstraint("kind IN ('project', 'repository')", name=op.f("ck_descriptions_kind")),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_descriptions")),
        comment="What a project or repository is, in Markdown, and whom to ask; it goes with the project",
    )
    op.create_index("ix_descriptions_project", "descriptions", ["project"])
