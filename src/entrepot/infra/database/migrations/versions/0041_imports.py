# SPDX-License-Identifier: Apache-2.0
"""Imports from other registries."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "imports",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("login_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("requested_by", bytewise(320), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("work", bytewise(16), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("rests", bytewise(16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        comment="What is wanted of other registries; terms and asker are JSON, the login is encrypted",
    )
    op.create_index("ix_imports_requested_by", "imports", ["requested_by", "id"])
    op.create_index("ix_imports_state", "imports", ["state", "id"])
    op.create_table(
        "import_repositories",
        sa.Column("import_id", bytewise(26), nullable=False),
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("target", bytewise(255), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("tags_place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=False),
        sa.Column("brought", sa.BigInteger(), nullable=False),
        sa.Column("same", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("excluded", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("bytes_in_all", sa.BigInteger(), nullable=False),
        sa.Column("new_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_repositories_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "name", name=op.f("pk_import_repositories")),
        comment="Repositories of an import; counts are of their artifacts, by state",
    )
    op.create_index("ix_import_repositories_target", "import_repositories", ["import_id", "target"])
    op.create_table(
        "import_items",
        sa.Column("import_id", bytewise(26), nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("name", bytewise(160), nullable=False),
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("new_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("date_source", bytewise(16), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_items_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "repository", "name", name=op.f("pk_import_items")),
        comment="Artifacts of an import: tags, and referrers by their digest",
    )
    op.create_index("ix_import_items_state", "import_items", ["import_id", "repository", "state", "name"])
    op.create_table(
        "import_contents",
        sa.Column("import_id", bytewise(26), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("is_here", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_contents_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "digest", name=op.f("pk_import_contents")),
        comment="What a dry run has found to come, each digest once",
    )
    op.create_table(
        "import_uploads",
        sa.Column("import_id", bytewise(26), nullable=False),
        sa.Column("target", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("upload_id", bytewise(26), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_uploads_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "target", "digest", name=op.f("pk_import_uploads")),
        comment="Uploads of blobs that an import has begun",
    )
